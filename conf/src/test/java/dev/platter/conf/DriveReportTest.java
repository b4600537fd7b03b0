package dev.platter.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How refusals are shown. */
class DriveReportTest {
  private final FakeDrivers drivers = new FakeDrivers();

  private String report(String text) {
    return catchThrowableOfType(DriveSyntaxException.class, () -> DriveSpec.parse(text, drivers))
        .report();
  }

  @Test
  void everyProblemHasItsOwnCaret() {
    assertThat(report("file=a,format=qcow2,l2-cahe-size=1M,cache=noen,unit=x"))
        .isEqualTo(
            """
            Block format 'qcow2' does not support the option 'l2-cahe-size'
              file=a,format=qcow2,l2-cahe-size=1M,cache=noen,unit=x
                                  ^~~~~~~~~~~~
              did you mean l2-cache-size?
            invalid cache option
              file=a,format=qcow2,l2-cahe-size=1M,cache=noen,unit=x
                                                        ^~~~
              found: noen; allowed: writeback, none, writethrough, directsync, unsafe
              did you mean none?
            Parameter 'unit' expects a number
              file=a,format=qcow2,l2-cahe-size=1M,cache=noen,unit=x
                                                                  ^
              found: x; allowed: a whole number\
            """);
  }

  @Test
  void commaInPathIsExplained() {
    assertThat(report("file=my,file.qcow2"))
        .isEqualTo(
            """
            Block protocol 'file' doesn't support the option 'qcow2'
              file=my,file.qcow2
                      ^~~~~~~~~~
              did you mean file=my,,file.qcow2? A comma in a value is written ,,\
            """);
  }

  @Test
  void longInputIsShownAroundThePlace() {
    String text = "file=" + "x".repeat(300) + ",cache=noen," + "id=" + "y".repeat(300);
    List<String> lines = report(text).lines().toList();
    assertThat(lines.get(1)).hasSizeLessThan(110).contains("cache=noen").startsWith("  ...");
    int caret = lines.get(2).indexOf('^');
    assertThat(lines.get(1).substring(caret)).startsWith("noen");
  }

  @Test
  void caretStandsUnderItsPlaceBehindEmojiAndLineFeeds() {
    List<String> lines = report("file=😀\n😀,cache=noen").lines().toList();
    assertThat(lines.get(1)).isEqualTo("  file=😀?😀,cache=noen");
    assertThat(lines.get(2)).isEqualTo(" ".repeat(17) + "^~~~");
  }

  @Test
  void missingEndOfJsonHasCaretBehindIt() {
    assertThat(report("file=json:{\"a\":1"))
        .isEqualTo(
            """
            Could not parse the JSON options: JSON parse error, premature EOI
              file=json:{"a":1
                              ^\
            """);
  }

  @Test
  void refusalByDriverIsLocatedInOptionString() {
    OptionException refusal =
        new OptionException(
            List.of(
                OptionProblem.of("l2-cache-size", "not a multiple of the cluster size"),
                OptionProblem.of("compat", "too old")));
    assertThat(DriveSyntaxException.locate("file=a,,b,l2-cache-size=100", refusal).report())
        .isEqualTo(
            """
            not a multiple of the cluster size
              file=a,,b,l2-cache-size=100
                                      ^~~
            too old
              file=a,,b,l2-cache-size=100
              ^~~~~~~~~~~~~~~~~~~~~~~~~~~\
            """);
  }

  @Test
  void optionsThatDoNotGoTogetherAreAllUnderlined() {
    assertThat(report("overlap-check=none,file=a,format=qcow2,overlap-check.template=all"))
        .isEqualTo(
            """
            one of them is enough
              overlap-check=none,file=a,format=qcow2,overlap-check.template=all
              ^~~~~~~~~~~~~                          ^~~~~~~~~~~~~~~~~~~~~~\
            """);
  }

  @Test
  void refusalByDriverIsLocatedInJson() {
    OptionException refusal = new OptionException(OptionProblem.of("backing.size", "too small"));
    assertThat(
            DriveSyntaxException.locate("file=json:{\"backing\":{\"size\":1}}", refusal).report())
        .isEqualTo(
            """
            too small
              file=json:{"backing":{"size":1}}
                                           ^\
            """);
  }

  @Test
  void refusalIsLocatedWhereItComesFrom() {
    String text = "@system,format=raw,backing.driver=qcow2,cache=none,aio=native,file=a";
    assertThat(marked(text, "driver")).isEqualTo("raw");
    assertThat(marked(text, "file.filename")).isEqualTo("a");
    assertThat(marked(text, "file.aio")).isEqualTo("native");
    assertThat(marked(text, "cache.direct")).isEqualTo("none");
    assertThat(marked(text, "backing.file")).isEqualTo("qcow2");
    assertThat(marked(text, "l2-cache-size")).isEqualTo(text);
  }

  private static String marked(String text, String key) {
    OptionException refusal = new OptionException(OptionProblem.of(key, "wrong"));
    LocatedProblem problem = DriveSyntaxException.locate(text, refusal).located().getFirst();
    return text.substring(problem.start(), problem.end());
  }

  @Test
  void messageIsOneLine() {
    assertThat(
            catchThrowableOfType(
                DriveSyntaxException.class,
                () -> DriveSpec.parse("file=a,cache=foo,media=bar", drivers)))
        .hasMessage("invalid cache option; 'bar' invalid media");
  }
}
