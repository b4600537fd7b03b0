package dev.platter.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The documents name tests that there are. */
class NamedTestsTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern NAME = Pattern.compile("`([A-Z]\\w+Test)(?:\\.(\\w+))?`");

  @ParameterizedTest
  @ValueSource(strings = {"compatibility.md", "testing.md", "crash-consistency.md"})
  void everyTestThatADocumentNamesExists(String document) throws IOException {
    Map<String, String> sources = testSources();
    String text = Files.readString(ROOT.resolve("docs").resolve(document));
    for (MatchResult named : NAME.matcher(text).results().toList()) {
      assertThat(sources).as(document).containsKey(named.group(1));
      if (named.group(2) != null) {
        assertThat(sources.get(named.group(1)))
            .as("%s: %s", document, named.group())
            .contains(" " + named.group(2) + "(");
      }
    }
  }

  /** The sources of the tests of all modules, by class; those of two classes of one name joined. */
  private static Map<String, String> testSources() throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().contains("/src/test/java/"))
          .filter(file -> file.toString().endsWith("Test.java"))
          .collect(
              Collectors.toMap(
                  file -> file.getFileName().toString().replace(".java", ""),
                  NamedTestsTest::read,
                  String::concat));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
