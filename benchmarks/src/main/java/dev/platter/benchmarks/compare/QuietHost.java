package dev.platter.benchmarks.compare;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Brings the host to where every run of either side starts alike. */
final class QuietHost {
  private static final long LEFT_KIBIBYTES = 4096;
  private static final long STEP_MILLIS = 50;
  private static final int STEPS = 1200; // a minute

  /** More than a JVM touches to run a command. */
  private static final long PROGRAM_BYTES = 256L << 20;

  private QuietHost() {}

  /**
   * Waits until nothing is left to be written to the disk, and touches the memory of a program and
   * frees it again. A virtual machine may have given free memory back to its host, and to get it
   * again takes longer than many a command does.
   */
  static void await() throws IOException, InterruptedException {
    Programs.run(List.of("sync"));
    for (int i = 0; i < STEPS && unwrittenKibibytes() > LEFT_KIBIBYTES; i++) {
      Thread.sleep(STEP_MILLIS);
    }
    try (Arena arena = Arena.ofConfined()) {
      arena.allocate(PROGRAM_BYTES); // fills it with zeros
    }
  }

  private static long unwrittenKibibytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/meminfo")).stream()
        .filter(line -> line.startsWith("Dirty:") || line.startsWith("Writeback:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }
}
