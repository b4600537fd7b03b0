package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.tck.fake.CrowdedNode;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clusters side by side, more than a refcount block counts: 64 of 512 bytes. */
class LongRunTest {
  private static final int CLUSTER = 512;
  private static final int GRANULARITY = 512;

  /** So many more bytes than it needs would a file grow that grows without end. */
  private static final long ROOM_BYTES = 4 << 20;

  /** Bits of the table of a bitmap: each of its entries stands for a cluster of bits. */
  private static final long BITS_PER_TABLE_CLUSTER = (CLUSTER / 8L) * CLUSTER * 8;

  @ParameterizedTest
  @ValueSource(ints = {63, 64, 130})
  void aBitmapWithALongTableHasRoom(int tableClusters) throws IOException {
    MemoryNode image = create(tableClusters);
    for (int round = 0; round < 3; round++) {
      CrowdedNode host = new CrowdedNode(image, ROOM_BYTES);
      try (Qcow2Format format = Images.open(TestOpening.of(host))) {
        format.addBitmap("b" + round, GRANULARITY, true);
        new DriverGuest(format).fill(round * 100_000L * CLUSTER, 3 * CLUSTER, 1 + round);
      }
      image = image.reopen();
      assertClean(image, Repair.NONE);
    }
    try (Qcow2Format format = Images.open(image)) {
      for (int round = 0; round < 3; round++) {
        format.removeBitmap("b" + round);
      }
      long before = image.size();
      format.addBitmap("again", GRANULARITY, true);
      assertThat(image.size()).as("the room of those that went is used").isEqualTo(before);
    }
    assertClean(image, Repair.NONE);
  }

  @Test
  void aRefcountTableWithoutEntriesForItsBlocksMoves() throws IOException {
    MemoryNode image = create(130);
    try (Qcow2Format format = Images.open(image)) {
      new DriverGuest(format).fill(0, 100 * CLUSTER, 1);
    }
    long before = tableOffset(image);
    for (int count = 0; tableOffset(image) == before; count++) {
      assertThat(count).as("bitmaps").isLessThan(300);
      image = image.reopen();
      try (Qcow2Format format = Images.open(image)) {
        format.addBitmap("b" + count, GRANULARITY, false);
      }
    }
    try (Qcow2Format format = Images.open(image.reopen())) {
      assertThat(new DriverGuest(format).read(0, 100 * CLUSTER)).containsOnly(1);
    }
    assertClean(image, Repair.NONE);
  }

  @Test
  @Timeout(60)
  void everyCallThatFailsLeavesLeaksAtWorst() throws IOException {
    MemoryNode before = create(65);
    long failures = 1;
    for (int nth = 1; failures > 0; nth++) {
      MemoryNode image = before.copy();
      FaultyNode file = new FaultyNode(image);
      try (Qcow2Format format = Images.open(TestOpening.of(file))) {
        file.failNth(FaultyNode.Kind.ALL, nth, Errno.ENOSPC);
        try {
          format.addBitmap("b", GRANULARITY, true);
        } catch (BlockIoException e) {
          assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
        }
        failures = file.failures();
        file.heal();
        new DriverGuest(format).fill(0, 70 * CLUSTER, 1); // in the same blocks
      } catch (BlockIoException e) {
        assertThat(file.failures()).isPositive();
      }
      assertClean(image, Repair.LEAKS);
    }
  }

  private static long tableOffset(MemoryNode image) throws IOException {
    return HeaderCodec.decode("image", new ImageFile(image)).refcountTable().offset();
  }

  private static MemoryNode create(int tableClusters) throws IOException {
    long bits = tableClusters * BITS_PER_TABLE_CLUSTER;
    return NewImages.create(bits * GRANULARITY, "cluster_size=512", "refcount_bits=64");
  }

  private static void assertClean(MemoryNode image, Repair repair) throws IOException {
    List<String> findings = new ArrayList<>();
    MemoryNode checked = image.copy();
    CheckReport report = Qcow2Checker.check("image.qcow2", checked, repair, findings::add);
    assertThat(report.corruptions() + report.checkErrors()).as("%s", findings).isZero();
    assertThat(repair == Repair.NONE ? report.leaks() : 0).as("%s", findings).isZero();
    if (repair == Repair.NONE) {
      Qemu.check(checked);
    }
  }
}
