package dev.platter.tools.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code qemu-img} and {@code qemu-io} as oracles; where they are absent, tests are skipped. */
final class QemuTools {
  private static final long TIMEOUT_SECONDS = 120;
  private static final int ATTEMPTS = 20;

  /** The host's clock of processor time has not moved while a key was derived: by chance. */
  private static final String UNMEASURED = "Unable to get accurate CPU usage";

  private record Result(int status, String output) {}

  private QemuTools() {}

  static void assumeInstalled() {
    for (String tool : List.of("qemu-img", "qemu-io")) {
      boolean found =
          List.of(System.getenv().getOrDefault("PATH", "").split(":", -1)).stream()
              .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
      assumeTrue(found, tool + " is not installed");
    }
  }

  /** Runs {@code qemu-img}, which must succeed. */
  static void img(Object... arguments) throws IOException, InterruptedException {
    run("qemu-img", arguments);
  }

  /** Runs commands of {@code qemu-io} on an image; what it discards is unmapped. */
  static void io(Path image, String... commands) throws IOException, InterruptedException {
    List<Object> arguments = new ArrayList<>(List.of("-d", "unmap"));
    for (String command : commands) {
      arguments.add("-c");
      arguments.add(command);
    }
    arguments.add(image);
    run("qemu-io", arguments.toArray());
  }

  /** What QEMU reads from an image, its chain included. */
  static byte[] contents(Path image) throws IOException, InterruptedException {
    Path flat = image.resolveSibling(image.getFileName() + ".flat");
    img("convert", "-O", "raw", image, flat);
    byte[] bytes = Files.readAllBytes(flat);
    Files.delete(flat);
    return bytes;
  }

  /** Expects that {@code qemu-img check} finds nothing, neither errors nor leaks. */
  static void check(Path image) throws IOException, InterruptedException {
    img("check", "-f", "qcow2", image);
  }

  static void run(String tool, Object... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(tool));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    Result result = attempt(command);
    for (int i = 1; i < ATTEMPTS && result.output().contains(UNMEASURED); i++) {
      result = attempt(command);
    }
    assertThat(result.status()).as("%s: %s", command, result.output()).isZero();
  }

  private static Result attempt(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).as("%s ends", command).isTrue();
    return new Result(process.exitValue(), output);
  }
}
