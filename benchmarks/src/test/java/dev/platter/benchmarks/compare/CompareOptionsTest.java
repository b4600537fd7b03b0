package dev.platter.benchmarks.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.benchmarks.compare.CompareOptions.UsageException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompareOptionsTest {
  private static final Path WHOLE = Path.of("whole");

  @Test
  void withoutOptionsAllGroupsGoToTheWholeTable() throws UsageException {
    CompareOptions options = parse();
    assertThat(options.groups()).containsExactlyInAnyOrderElementsOf(CompareOptions.GROUPS);
    assertThat(options.output()).isEqualTo(WHOLE);
    assertThat(options.runs()).isEqualTo(5);
    assertThat(options.seconds()).isEqualTo(5);
  }

  @Test
  void eachOptionIsTaken() throws UsageException {
    CompareOptions options =
        parse(
            "--dir", "d", "--out", "o", "--runs", "3", "--seconds", "0.5", "--only", "chain,cache");
    assertThat(options.folder()).isEqualTo(Path.of("d"));
    assertThat(options.output()).isEqualTo(Path.of("o"));
    assertThat(options.runs()).isEqualTo(3);
    assertThat(options.seconds()).isEqualTo(0.5);
    assertThat(options.groups()).containsExactlyInAnyOrder("chain", "cache");
  }

  @Test
  void someGroupsNeedAFolderOfTheirOwn() throws UsageException {
    assertRefused("--only needs --out", "--only", "chain");
    String all = String.join(",", CompareOptions.GROUPS);
    assertThat(parse("--only", all).output()).isEqualTo(WHOLE);
  }

  @Test
  void aLastWordAloneIsRefused() {
    assertRefused("--only needs a value", "--runs", "3", "--only");
    assertRefused("unknown option chain", "chain");
  }

  @Test
  void whatIsNotKnownIsRefused() {
    assertRefused("unknown option --onyl", "--onyl", "chain");
    assertRefused("there is no group 'chains'", "--only", "cache,chains", "--out", "o");
    assertRefused("there is no group ''", "--only", "cache,", "--out", "o");
  }

  @Test
  void numbersThatMeanNothingAreRefused() {
    for (String runs : List.of("0", "-1", "x", "1.5")) {
      assertRefused("--runs takes a number from 1 on, not " + runs, "--runs", runs);
    }
    for (String seconds : List.of("0", "-1", "x", "NaN", "Infinity")) {
      assertRefused("--seconds takes a number above 0, not " + seconds, "--seconds", seconds);
    }
  }

  @Test
  void helpIsAskedForAnywhere() {
    assertThat(CompareOptions.askForHelp(List.of("--runs", "3", "--help"))).isTrue();
    assertThat(CompareOptions.askForHelp(List.of("--runs", "3"))).isFalse();
    CompareOptions.GROUPS.forEach(group -> assertThat(CompareOptions.USAGE).contains(group));
  }

  private static CompareOptions parse(String... arguments) throws UsageException {
    return CompareOptions.parse(List.of(arguments), WHOLE);
  }

  private static void assertRefused(String message, String... arguments) {
    assertThatThrownBy(() -> parse(arguments))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining(message);
  }
}
