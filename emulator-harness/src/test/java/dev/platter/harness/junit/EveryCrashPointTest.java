package dev.platter.harness.junit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.harness.blk.VirtioBlkRequest;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.tck.crash.PowerCut;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;

/**
 * A letter and its entry in an index, of which the entry must never be there without the letter.
 */
class EveryCrashPointTest {
  private static final int CLUSTER = 4096;
  private static final byte[] LETTER = filled(3 * CLUSTER, 7);
  private static final byte[] ENTRY = filled(512, 1);
  private static final String FLUSH = new VirtioBlkRequest.Flush().toString();

  private static int stateCount;
  private static int emptyCount;
  private static int completeCount;

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  static void deliver(
      @Disk(create = {"cluster_size=4k", "preallocation=metadata"}) MockBlkDriver disk)
      throws IOException {
    for (int cluster = 8; cluster < 11; cluster++) {
      disk.write((long) cluster * CLUSTER, filled(CLUSTER, 7));
    }
    disk.flush();
    disk.write(0, ENTRY);
    disk.flush();
  }

  @EveryCrashPoint(workload = "deliver")
  void entryIsThereOnlyWithItsLetter(MockBlkDriver disk, PowerCut cut) throws IOException {
    byte[] entry = disk.read(0, ENTRY.length);
    byte[] letter = disk.read(8 * CLUSTER, LETTER.length);
    boolean delivered = Arrays.equals(entry, ENTRY);
    long flushes = cut.marks().stream().filter(FLUSH::equals).count();

    assertThat(entry).isIn(ENTRY, new byte[ENTRY.length]);
    assertThat(delivered).as("flushed").isIn(flushes == 2, true);
    if (delivered || flushes > 0) {
      assertThat(letter).isEqualTo(LETTER);
    }
    stateCount++;
    emptyCount += letter[0] == 0 ? 1 : 0;
    completeCount += flushes == 2 ? 1 : 0;
  }

  @AfterAll
  static void statesWereOfAllKinds() {
    assertThat(stateCount).isGreaterThan(20);
    assertThat(emptyCount).isPositive();
    assertThat(completeCount).isPositive();
  }
}
