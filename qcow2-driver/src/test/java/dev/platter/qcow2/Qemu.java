package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The tools of QEMU, as oracles; tests that need them are skipped where they are not installed. */
final class Qemu {
  private static final long TIMEOUT_SECONDS = 60;

  /**
   * What a run of a tool left.
   *
   * @param exitCode 0 for success; {@code qemu-img check} has 2 for corruptions and 3 for leaks
   * @param output what it printed, complaints included
   */
  record Result(int exitCode, String output) {}

  private Qemu() {}

  /** Skips the test unless {@code qemu-img} and {@code qemu-io} are installed. */
  static void assumeInstalled() {
    assumeTrue(installed(), "qemu-img and qemu-io are not installed");
  }

  /** Whether the tools are there. */
  static boolean installed() {
    return onPath("qemu-img") && onPath("qemu-io");
  }

  /** Runs {@code qemu-img} and expects success. */
  static String img(String... arguments) {
    return run("qemu-img", arguments);
  }

  /** Runs commands of {@code qemu-io} on an image of any format and expects success. */
  static String io(Path image, String... commands) {
    List<String> arguments = new ArrayList<>();
    for (String command : commands) {
      arguments.add("-c");
      arguments.add(command);
    }
    arguments.add(image.toString());
    return run("qemu-io", arguments.toArray(String[]::new));
  }

  /** Expects {@code qemu-img check} to find nothing, neither errors nor leaks. */
  static void check(Path image) {
    img("check", "-f", "qcow2", image.toString());
  }

  /**
   * Expects {@code qemu-img check} to find nothing in the bytes of a node, where it is installed.
   */
  static void check(MemoryNode node) {
    if (!installed()) {
      return;
    }
    try {
      Path image = Files.createTempFile("platter", ".qcow2");
      try {
        Files.write(image, node.bytes());
        check(image);
      } finally {
        Files.delete(image);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A node that holds a copy of a file. */
  static MemoryNode node(Path image) {
    try {
      return MemoryNode.of(image.getFileName().toString(), Files.readAllBytes(image));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a node's bytes to a file. */
  static Path save(MemoryNode node, Path file) {
    try {
      return Files.write(file, node.bytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String run(String tool, String... arguments) {
    Result result = attempt(tool, arguments);
    assertThat(result.exitCode())
        .as("%s %s: %s", tool, List.of(arguments), result.output())
        .isZero();
    return result.output();
  }

  /** Runs a tool, whatever comes of it. */
  static Result attempt(String tool, String... arguments) {
    List<String> command = new ArrayList<>(List.of(tool));
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS))
          .as("%s ends", command)
          .isTrue();
      return new Result(process.exitValue(), output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static boolean onPath(String tool) {
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      if (Files.isExecutable(Path.of(folder, tool))) {
        return true;
      }
    }
    return false;
  }
}
