package dev.platter.toy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Excerpts in {@code docs/drivers.md} are those of the sources they name. */
class DriversPageTest {
  private static final Path PAGE = Path.of("..", "..", "docs", "drivers.md");
  private static final Pattern EXCERPT =
      Pattern.compile("<!-- (\\w+\\.java) -->\\n```java\\n(.*?)```", Pattern.DOTALL);

  @Test
  void excerptsAreThoseOfTheSources() throws IOException {
    List<MatchResult> excerpts = EXCERPT.matcher(Files.readString(PAGE)).results().toList();
    assertThat(excerpts).hasSizeGreaterThan(5);
    for (MatchResult excerpt : excerpts) {
      assertThat(Files.readString(source(excerpt.group(1)))).contains(excerpt.group(2));
    }
  }

  private static Path source(String fileName) throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      return files.filter(file -> file.endsWith(fileName)).findFirst().orElseThrow();
    }
  }
}
