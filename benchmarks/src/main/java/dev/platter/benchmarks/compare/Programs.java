package dev.platter.benchmarks.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The programs under comparison.
 *
 * @param platter the launcher in the checkout
 * @param benchmarks the jar of the benchmarks of parts
 */
record Programs(Path platter, Path benchmarks) {
  private static final Pattern SECONDS = Pattern.compile("Run completed in ([0-9.]+) seconds");
  private static final int TIMEOUT_MINUTES = 10;

  /** One side of a comparison. */
  enum Side {
    PLATTER,
    QEMU
  }

  /** The words that start {@code platter img} or {@code qemu-img}, or {@code io} likewise. */
  List<String> tool(Side side, String name) {
    return side == Side.PLATTER ? List.of(platter.toString(), name) : List.of("qemu-" + name);
  }

  /** Runs {@code bench} and returns how long its requests took, as it says itself. */
  double bench(Side side, List<String> arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(tool(side, "img"));
    command.add("bench");
    command.addAll(arguments);
    String output = run(command);
    Matcher seconds = SECONDS.matcher(output);
    if (!seconds.find()) {
      throw new IOException(String.join(" ", command) + " printed: " + output);
    }
    return Double.parseDouble(seconds.group(1));
  }

  /** Runs a class of the jar of benchmarks and returns what it printed. */
  String benchmark(String mainClass, List<String> arguments)
      throws IOException, InterruptedException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    List<String> command = new ArrayList<>(List.of(java, "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of("-XX:+UseSerialGC", "-cp", benchmarks.toString(), mainClass));
    command.addAll(arguments);
    return run(command);
  }

  /** Runs a command and returns how long that took in all, in seconds. */
  double time(List<String> command) throws IOException, InterruptedException {
    long start = System.nanoTime();
    run(command);
    return (System.nanoTime() - start) / 1e9;
  }

  /** Runs a command and returns what it printed. */
  static String run(List<String> command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
      process.destroyForcibly();
      throw new IOException(String.join(" ", command) + ": not over after 10 minutes");
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          "%s: status %d: %s"
              .formatted(String.join(" ", command), process.exitValue(), output.strip()));
    }
    return output;
  }
}
