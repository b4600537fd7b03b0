package dev.platter.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.tools.Getopt.Wording;
import java.util.List;
import org.junit.jupiter.api.Test;

class GetoptTest {
  private static Getopt options(Wording wording) {
    return Getopt.of("f:pq", wording)
        .withLong("format", 'f')
        .withLong("progress", 'p')
        .withLong("output", true)
        .withLong("object", true);
  }

  private static Getopt.Parsed parse(String... args) throws UsageException {
    return options(Wording.QEMU_IMG).parse(List.of(args));
  }

  @Test
  void optionsAndOperandsComeInAnyOrder() throws UsageException {
    Getopt.Parsed parsed = parse("a", "-p", "b", "-f", "raw", "c");
    assertThat(parsed.operands()).containsExactly("a", "b", "c");
    assertThat(parsed.has("p")).isTrue();
    assertThat(parsed.has("q")).isFalse();
    assertThat(parsed.last("f")).contains("raw");
  }

  @Test
  void lettersStandTogetherAndBesideTheirValue() throws UsageException {
    Getopt.Parsed parsed = parse("-pqfraw");
    assertThat(parsed.has("p")).isTrue();
    assertThat(parsed.has("q")).isTrue();
    assertThat(parsed.last("f")).contains("raw");
  }

  @Test
  void longNamesMayBeCutShortWhileTheyAreUnique() throws UsageException {
    assertThat(parse("--out=json").last("output")).contains("json");
    assertThat(parse("--output", "json").last("output")).contains("json");
    assertThat(parse("--form=raw").last("f")).contains("raw");
    assertThatThrownBy(() -> parse("--o=json")).hasMessage("unrecognized option '--o=json'");
  }

  @Test
  void lastValueCountsAndAllAreKept() throws UsageException {
    Getopt.Parsed parsed = parse("-f", "raw", "--format=qcow2");
    assertThat(parsed.last("f")).contains("qcow2");
    assertThat(parsed.all("f")).containsExactly("raw", "qcow2");
  }

  @Test
  void twoDashesEndTheOptions() throws UsageException {
    assertThat(parse("--", "-p", "--bogus").operands()).containsExactly("-p", "--bogus");
  }

  @Test
  void oneDashIsAnOperand() throws UsageException {
    assertThat(parse("-").operands()).containsExactly("-");
  }

  @Test
  void wrongOptionsAreRefusedInEachProgramsWords() {
    assertThatThrownBy(() -> parse("-z")).hasMessage("unrecognized option '-z'");
    assertThatThrownBy(() -> parse("-f")).hasMessage("missing argument for option '-f'");
    assertThatThrownBy(() -> parse("--output"))
        .hasMessage("missing argument for option '--output'");
    assertThatThrownBy(() -> parse("--progress=1"))
        .hasMessage("unrecognized option '--progress=1'");
    Getopt library = options(Wording.C_LIBRARY);
    assertThatThrownBy(() -> library.parse(List.of("-z"))).hasMessage("invalid option -- 'z'");
    assertThatThrownBy(() -> library.parse(List.of("-f")))
        .hasMessage("option requires an argument -- 'f'");
    assertThatThrownBy(() -> library.parse(List.of("--output")))
        .hasMessage("option '--output' requires an argument");
  }
}
