package dev.platter.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of files that are no text, in arguments and in the lines of {@code io}. */
class GivenArgumentsTest {
  private static final byte[] NO_TEXT = {'a', (byte) 0xff};

  @TempDir private Path folder;

  @Test
  void aNameThatIsNoTextTouchesNoOtherFile() throws Exception {
    Path other = folder.resolve("a\ufffd.qcow2");
    Files.writeString(other, "another file");

    assertThat(create("a\\377.qcow2")).isEqualTo(1);
    assertThat(Files.readString(folder.resolve("err")))
        .isEqualTo(
            "platter: argument '%s/a\\xff.qcow2' is not text in UTF-8, and would name something else\n"
                .formatted(folder));
    assertThat(other).hasContent("another file");
  }

  @Test
  void aNameThatHoldsAReplacementCharacterByItselfIsAName() throws Exception {
    assertThat(create("a\\357\\277\\275?.qcow2")).isZero();
    assertThat(folder.resolve("a\ufffd?.qcow2")).exists();
  }

  @Test
  void inThePosixLocaleANameBeyondAsciiIsRefused() {
    byte[] given = "\u00fc?".getBytes(StandardCharsets.UTF_8);

    assertThat(refusal("???", given, false))
        .contains("argument '\u00fc?' is not text in US-ASCII, and would name something else");
    assertThat(refusal("x?", new byte[] {'x', '?'}, false)).isEmpty();
  }

  @Test
  void whereTheHostDoesNotTellTheBytesAReplacementCharacterIsRefused() {
    assertThat(GivenArguments.refusal(List.of("a\ufffd"), StandardCharsets.UTF_8, Optional.empty()))
        .contains("argument 'a\ufffd' is not text in UTF-8");
    assertThat(refusal("a\ufffd", NO_TEXT, true))
        .contains("argument 'a\\xff' is not text in UTF-8, and would name something else");
  }

  @Test
  void aLineThatIsNoTextOpensNoOtherFile() throws IOException {
    Path other = folder.resolve("a\ufffd");
    Files.writeString(other, "another file");
    byte[] before = ("open -f raw " + folder + "/").getBytes(StandardCharsets.UTF_8);
    byte[] line = new byte[before.length + NO_TEXT.length];
    System.arraycopy(before, 0, line, 0, before.length);
    System.arraycopy(NO_TEXT, 0, line, before.length, NO_TEXT.length);

    Run run = Run.of(List.of("io"), line);

    assertThat(run.err()).endsWith("/a\ufffd' is not text in UTF-8\n");
    assertThat(run.status()).isEqualTo(1);
  }

  private static Optional<String> refusal(String decoded, byte[] given, boolean utf8) {
    return GivenArguments.refusal(
        List.of(decoded),
        utf8 ? StandardCharsets.UTF_8 : StandardCharsets.US_ASCII,
        Optional.of(List.of(given)));
  }

  /** Creates an image in a process of its own, whose name {@code printf} makes. */
  private int create(String name) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            "sh",
            "-c",
            "name=$(printf '%s/" + name + "' \"$1\"); shift; exec \"$@\" \"$name\" 1M",
            "sh",
            folder.toString(),
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "img",
            "create",
            "-q",
            "-f",
            "qcow2");
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.redirectError(folder.resolve("err").toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }
}
