package dev.platter.tools.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random sequences of commands: Platter and QEMU's programs, each on images of their own, say the
 * same. At the end each finds the other's images as sound as its own, and equal to them, and both
 * say the same of each ({@link Agreement}).
 *
 * <p>{@code -Dplatter.sequences=N} runs more of them, {@code -Dplatter.first-seed=N} others, and
 * {@code -Dplatter.seed=N} one again. It ends early when {@code -Dplatter.failures=N} differ.
 */
class DifferentialTest {
  private static final int STEP_COUNT = 6;
  private static final int REPORT_COUNT = 1000;
  private static final double NANOS_PER_MINUTE = 60e9;
  private static final int MOST_FAILURES = Integer.getInteger("platter.failures", 5);
  private static final long FIRST_SEED = Long.getLong("platter.first-seed", 20_250);
  private static final int SEQUENCE_COUNT = Integer.getInteger("platter.sequences", 5);

  @TempDir private Path folder;

  private static LongStream seeds() {
    Long seed = Long.getLong("platter.seed");
    return seed != null
        ? LongStream.of(seed)
        : LongStream.range(FIRST_SEED, FIRST_SEED + SEQUENCE_COUNT);
  }

  @Test
  void bothSayAndStoreTheSame() throws Exception {
    assumeTrue(
        QemuProgram.isInstalled(),
        "qemu-img and qemu-io " + QemuProgram.RECORDED_VERSION + " are not installed");
    ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    AtomicInteger runCount = new AtomicInteger();
    long start = System.nanoTime();
    seeds()
        .parallel()
        .filter(seed -> failures.size() < MOST_FAILURES)
        .forEach(
            seed -> {
              run(seed, failures);
              if (runCount.incrementAndGet() % REPORT_COUNT == 0) {
                report(runCount.get(), failures.size(), start);
              }
            });
    report(runCount.get(), failures.size(), start);
    assertThat(failures).as(String.join("\n\n", failures)).isEmpty();
  }

  private static void report(int runCount, int failureCount, long start) {
    double minutes = (System.nanoTime() - start) / NANOS_PER_MINUTE;
    System.out.printf(
        "sequences beside QEMU: %,d agree, %,d differ, seeds %d to %d; %.0f a minute%n",
        runCount - failureCount,
        failureCount,
        seeds().min().orElseThrow(),
        seeds().max().orElseThrow(),
        runCount / minutes);
  }

  private void run(long seed, ConcurrentLinkedQueue<String> failures) {
    StringBuilder log = new StringBuilder("-Dplatter.seed=" + seed + "\n");
    try {
      Path place = Files.createDirectory(folder.resolve("s" + seed));
      Agreement agreement = new Agreement(place, log);
      RandomCommands commands = new RandomCommands(seed);
      commands.create().forEach(agreement::run);
      for (int i = 0; i < STEP_COUNT; i++) {
        commands.next().forEach(agreement::run);
      }
      List<RandomImage> images = commands.images();
      images.forEach(agreement::ofImage);
      agreement.removeFiles();
    } catch (Exception | AssertionError e) {
      failures.add(log + e.toString());
      System.out.println("sequences beside QEMU: seed " + seed + " differs");
    }
  }
}
