package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the rules that the package states to the classes that keep them. */
class RulesTest {
  private static final Path SOURCES =
      Path.of(System.getProperty("basedir", "."), "src/main/java/dev/platter/qcow2");
  private static final Pattern STATED = Pattern.compile("<li>(R\\d+)\\.");
  private static final Pattern CITED = Pattern.compile("\\bR\\d+\\b");

  @Test
  void everyRuleIsNamedWhereItIsKept() throws IOException {
    List<String> stated =
        STATED
            .matcher(Files.readString(SOURCES.resolve("package-info.java")))
            .results()
            .map(match -> match.group(1))
            .toList();
    TreeSet<String> cited = new TreeSet<>();
    for (Path source : classes()) {
      CITED.matcher(Files.readString(source)).results().map(MatchResult::group).forEach(cited::add);
    }

    assertThat(stated).hasSize(10);
    assertThat(cited).containsExactlyInAnyOrderElementsOf(stated);
  }

  private static List<Path> classes() throws IOException {
    try (Stream<Path> files = Files.list(SOURCES)) {
      return new ArrayList<>(
          files.filter(file -> !file.getFileName().toString().startsWith("package")).toList());
    }
  }
}
