package dev.platter.tools.kill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writing processes are killed by SIGKILL at random moments: as many as {@code platter.kills} says,
 * {@value #FEW} if it does not.
 */
class KillTest {
  private static final int FEW = 6;

  @TempDir Path folder;

  @Test
  void whatWasFlushedSurvivesEveryKill() throws IOException, InterruptedException {
    assumeTrue(
        System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("linux"),
        "processes are killed on Linux only");
    int killCount = Integer.getInteger("platter.kills", FEW);
    long seed = Long.getLong("platter.seed", System.nanoTime() >>> 1);
    QemuCheck oracle = new QemuCheck();
    long start = System.nanoTime();
    try (KillCampaign campaign = new KillCampaign(folder, seed, oracle)) {
      campaign.run(killCount);
      assertThat(campaign.operationCount()).isGreaterThan(killCount);
      System.out.printf(
          "%d kills in %d s: %d operations begun, %d overlays, %d on three images or more, %d"
              + " changes of internal snapshots, %d checks by qemu-img; -Dplatter.seed=%d%n",
          killCount,
          (System.nanoTime() - start) / 1_000_000_000,
          campaign.operationCount(),
          campaign.overlayCount(),
          campaign.indexedCount(),
          campaign.snapshotCount(),
          oracle.count,
          seed);
    }
  }

  /** {@code qemu-img check}, where it is installed: it may find leaks, and nothing else. */
  private static final class QemuCheck implements KillCampaign.ImageOracle {
    private static final int LEAKS = 3;
    private boolean installed = true;
    private int count;

    @Override
    public void check(Path image) throws IOException, InterruptedException {
      if (!installed) {
        return;
      }
      Process process;
      try {
        process =
            new ProcessBuilder(List.of("qemu-img", "check", image.toString()))
                .redirectErrorStream(true)
                .start();
      } catch (IOException e) {
        installed = false;
        System.out.println("SKIPPED: qemu-img is not installed; it checks nothing");
        return;
      }
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0 && status != LEAKS) {
        throw new AssertionError("qemu-img check %s: %s".formatted(image, output));
      }
      count++;
    }
  }
}
