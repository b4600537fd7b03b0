package dev.platter.tools;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlatterTest {
  @Test
  void commandsAreListed() {
    PlatterInProcess.Result result = PlatterInProcess.run("--help");
    assertThat(result.status()).isZero();
    assertThat(result.out())
        .contains("platter [--debug] COMMAND")
        .contains("  img ")
        .contains("  io ");
  }

  @Test
  void nothingToDoIsAnError() {
    assertThat(PlatterInProcess.run().status()).isEqualTo(1);
  }

  @Test
  void misspeltCommandIsSuggested() {
    PlatterInProcess.Result result = PlatterInProcess.run("imh", "info");
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.err()).contains("there is no command 'imh'; did you mean 'img'?");
  }

  @Test
  void failureIsOneLineAndDebugShowsWhereItComesFrom() {
    PlatterInProcess.Result plain = PlatterInProcess.run("img", "info", "/none/a.qcow2");
    assertThat(plain.status()).isEqualTo(1);
    assertThat(plain.err().lines())
        .containsExactly(
            "qemu-img: Could not open '/none/a.qcow2': Could not open '/none/a.qcow2': No such"
                + " file or directory");
    PlatterInProcess.Result before =
        PlatterInProcess.run("--debug", "img", "info", "/none/a.qcow2");
    PlatterInProcess.Result after = PlatterInProcess.run("img", "--debug", "info", "/none/a.qcow2");
    assertThat(before.err()).startsWith(plain.err()).contains("BlockIoException").contains("\tat ");
    assertThat(after.err()).startsWith(plain.err()).contains("BlockIoException").contains("\tat ");
  }

  @Test
  void programsSayWhichVersionTheyStandInFor() {
    assertThat(PlatterInProcess.run("img", "--version").out())
        .startsWith("qemu-img version 7.2.22 (Platter ");
    assertThat(PlatterInProcess.run("io", "-V").out())
        .startsWith("qemu-io version 7.2.22 (Platter ");
  }

  @Test
  void helpNamesEveryCommandOfImg() {
    PlatterInProcess.Result result = PlatterInProcess.run("img", "info", "--help");
    assertThat(result.status()).isZero();
    assertThat(result.out())
        .contains("bench", "check", "compare", "convert", "create", "info", "map", "resize")
        .contains("Supported formats: file qcow2 raw");
  }
}
