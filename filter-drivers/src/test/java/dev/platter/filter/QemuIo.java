package dev.platter.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** QEMU's programs, for tests that compare with them. */
final class QemuIo {
  private QemuIo() {}

  /** Skips the test where they are not installed. */
  static void assumeInstalled() {
    boolean installed =
        List.of(System.getenv().getOrDefault("PATH", "").split(":", -1)).stream()
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "qemu-io")));
    assumeTrue(installed, "qemu-img and qemu-io are not installed");
  }

  /** Runs qemu-io on a node; requests may fail. */
  static String io(String imageOptions, List<String> commands) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("qemu-io", "-t", "writeback", "--image-opts", imageOptions));
    for (String command : commands) {
      arguments.add("-c");
      arguments.add(command);
    }
    return run(arguments);
  }

  /** Runs qemu-img. */
  static String img(String... arguments) throws IOException {
    List<String> all = new ArrayList<>(List.of("qemu-img"));
    all.addAll(List.of(arguments));
    return run(all);
  }

  /** How many blocks of 512 bytes a file takes on the host. */
  static long blocks(Path file) throws IOException {
    return Long.parseLong(run(List.of("stat", "-c", "%b", file.toString())).strip());
  }

  private static String run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      assertThat(process.waitFor()).as("%s: %s", command, output).isIn(0, 1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return output;
  }
}
