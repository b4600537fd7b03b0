package dev.platter.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlatterTest {
  @Test
  void commandsAreListed() {
    Run result = Run.of("--help");
    assertThat(result.status()).isZero();
    assertThat(result.out())
        .contains("platter [--debug] COMMAND")
        .contains("  img ")
        .contains("  io ");
  }

  @Test
  void nothingToDoIsAnError() {
    assertThat(Run.of().status()).isEqualTo(1);
  }

  @Test
  void misspeltCommandIsSuggested() {
    Run result = Run.of("imh", "info");
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err()).contains("there is no command 'imh'; did you mean 'img'?");
  }

  @Test
  void failureIsOneLineAndDebugShowsWhereItComesFrom() {
    Run plain = Run.of("img", "info", "/none/a.qcow2");
    assertThat(plain.status()).isEqualTo(1);
    assertThat(plain.err().lines())
        .containsExactly(
            "qemu-img: Could not open '/none/a.qcow2': Could not open '/none/a.qcow2': No such"
                + " file or directory");
    Run before = Run.of("--debug", "img", "info", "/none/a.qcow2");
    Run after = Run.of("img", "--debug", "info", "/none/a.qcow2");
    assertThat(before.err()).startsWith(plain.err()).contains("BlockIoException").contains("\tat ");
    assertThat(after.err()).startsWith(plain.err()).contains("BlockIoException").contains("\tat ");
  }

  @Test
  void lackOfMemoryIsOneSentence() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            InputStream.nullInputStream(),
            new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            () -> false);

    int status = Platter.run(new Greedy(), List.of(), terminal, false);

    assertThat(status).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .singleElement()
        .asString()
        .startsWith("greedy: not enough memory: Java may use ");
  }

  /** Takes more memory than there is. */
  private static final class Greedy implements Tool {
    @Override
    public String program() {
      return "greedy";
    }

    @Override
    public int run(List<String> args, Terminal terminal) {
      throw new OutOfMemoryError("Java heap space");
    }
  }

  @Test
  void programsSayWhichVersionTheyStandInFor() {
    assertThat(Run.of("img", "--version").out())
        .startsWith("qemu-img version 7.2.22 (Platter ")
        .hasLineCount(2);
    assertThat(Run.of("io", "-V").out()).startsWith("qemu-io version 7.2.22 (Platter ");
  }

  @Test
  void helpNamesEveryCommandOfImg() {
    Run result = Run.of("img", "info", "--help");
    assertThat(result.status()).isZero();
    assertThat(result.out())
        .contains("bench", "check", "compare", "convert", "create", "info", "map", "resize")
        .contains(
            "Supported formats: blkdebug blklogwrites blkverify compress copy-on-read file luks"
                + " null-aio null-co qcow2 quorum raw throttle");
  }
}
