package dev.platter.conf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.error.OptionException;
import dev.platter.tck.Seeds;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Whatever the text, it is accepted or refused with places inside it. */
class HostileOptionStringTest {
  private static final int STRINGS = 1_000;
  private static final List<String> PIECES =
      List.of(
          "file=",
          "file.",
          "backing",
          "backing.",
          "driver=",
          "format=qcow2",
          "qcow2",
          "raw",
          ",",
          ",,",
          "=",
          ".",
          "json:",
          "json:{",
          "{",
          "}",
          "[",
          "]",
          "\"",
          "\"file\":",
          "'",
          ":",
          "null",
          "1",
          "1.5",
          "-1",
          "1e9",
          "true",
          "\\",
          "\\u00",
          "no",
          "cache=none",
          "cache.direct",
          "aio=",
          "threads",
          "index=",
          "bus",
          "unit=99999999999999999999",
          "id=",
          "node-name=n",
          "snapshot",
          "throttling.bps-total=",
          "bps=",
          "l2-cache-size=",
          "0x",
          "9E",
          "@",
          "@a",
          "\n",
          "\0",
          "ä",
          "😀",
          "\ud800",
          "stats-intervals.",
          "media=cdrom",
          "readonly",
          "filename=a");

  private final FakeDrivers drivers = new FakeDrivers();

  @Test
  void randomTextIsAcceptedOrRefused() {
    Seeds.run(
        random -> {
          for (int i = 0; i < STRINGS; i++) {
            tryAll(text(random));
          }
        });
  }

  @Test
  void endlessNestingIsRefused() {
    String deep = "backing.".repeat(100_000) + "driver=raw";
    assertRefused("file=a," + deep, "nodes are nested more than 500 deep");
    assertRefused("file=a," + "backing.".repeat(501) + "driver=raw", "nested more than 500 deep");
    assertRefused("file=json:" + "{\"file\":".repeat(100_000), "too deeply nested");
    assertRefused("file=json:{\"a\":" + "[".repeat(100_000), "too deeply nested");
  }

  @Test
  void endlessNumberIsRefused() {
    assertRefused("file=a,l2-cache-size=" + "9".repeat(100_000), "out of range");
    assertRefused("file=json:{\"l2-cache-size\":" + "9".repeat(100_000) + "}", "JSON parse error");
  }

  private void assertRefused(String text, String words) {
    assertThatThrownBy(() -> DriveSpec.parse(text, drivers))
        .isInstanceOf(DriveSyntaxException.class)
        .hasMessageContaining(words);
  }

  private static String text(RandomGenerator random) {
    StringBuilder text = new StringBuilder();
    int pieces = random.nextInt(12);
    for (int i = 0; i < pieces; i++) {
      text.append(PIECES.get(random.nextInt(PIECES.size())));
    }
    return text.toString();
  }

  private void tryAll(String text) throws OptionException {
    DriveParser parser = new DriveParser(drivers);
    check(text, () -> assertThat(parser.parse(text).drive().toString()).isNotEmpty());
    check(text, () -> new ImageOptsParser(drivers, _ -> {}).parse(text));
    check(text, () -> parser.parseFileName(text));
    check(text, () -> Blockdev.parse(text, drivers));
    check(text, () -> Blockdev.parse("{" + text, drivers));
    check(text, () -> DriveArguments.from(List.of("-drive", text, "-hda", text), drivers));
  }

  /** Something that may refuse a text. */
  @FunctionalInterface
  private interface Reading {
    void run() throws OptionException;
  }

  private static void check(String text, Reading reading) throws OptionException {
    try {
      reading.run();
    } catch (DriveSyntaxException e) {
      for (LocatedProblem problem : e.located()) {
        assertThat(problem.start()).as(text).isBetween(0, problem.input().length());
        assertThat(problem.end()).as(text).isBetween(problem.start(), problem.input().length());
      }
      assertThat(e.report()).as(text).isNotEmpty();
    } catch (RuntimeException e) {
      throw new AssertionError("reading '" + text + "'", e);
    }
  }
}
