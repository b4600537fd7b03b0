package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.qcow2.GuestScript.Kind;
import dev.platter.qcow2.GuestScript.Step;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guest lets go of goes back to the host, and is used again before the file grows. */
class HostSpaceTest {
  private static final int CLUSTER = 65536;
  private static final int DISK_BYTES = 10 << 20;
  private static final int ROUNDS = 12;
  private static final long LARGEST_FILE_BYTES = 4L * DISK_BYTES;

  @ParameterizedTest
  @CsvSource({
    "DISCARD, off",
    "DISCARD, on",
    "ZERO_UNMAP, off",
    "ZERO_UNMAP, on",
    "TO_BACKING, off"
  })
  void writesAndReleasesWithoutAFlushDoNotFillTheHost(ReleaseMode mode, String lazy)
      throws IOException {
    MemoryNode node = NewImages.create(DISK_BYTES, "lazy_refcounts=" + lazy);
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      for (int round = 1; round <= ROUNDS; round++) {
        guest.fill(0, DISK_BYTES, round);
        assertFilled(guest.read(0, DISK_BYTES), round);
        guest.release(0, DISK_BYTES, mode);
        assertFilled(guest.read(0, DISK_BYTES), 0);
        assertThat(node.size()).as("round %d", round).isLessThan(LARGEST_FILE_BYTES);
      }
      guest.fill(CLUSTER, CLUSTER, 99);
    }
    assertClean(node);
    try (Qcow2Format format = Images.open(node.reopen())) {
      DriverGuest guest = new DriverGuest(format);
      assertFilled(guest.read(0, CLUSTER), 0);
      assertFilled(guest.read(CLUSTER, CLUSTER), 99);
      assertFilled(guest.read(2 * CLUSTER, DISK_BYTES - 2 * CLUSTER), 0);
    }
  }

  /** The one who forces a write-back may be a reader to the fence, and must not wait for itself. */
  @Test
  void aReaderHoldsItsClustersBackAndNobodyUp() throws IOException {
    CountingFence fence = new CountingFence();
    MemoryNode node = NewImages.create(DISK_BYTES);
    try (Qcow2Format format = Images.open(TestOpening.of(node).withReadFence(fence))) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, DISK_BYTES, 1);
      long readOffset = ((Mapping.Data) format.map(0, 1)).hostOffset();
      byte[] seen = new byte[CLUSTER];
      try (CountingFence.Use _ = fence.enter()) {
        for (int round = 2; round <= 4; round++) {
          guest.release(0, DISK_BYTES, ReleaseMode.DISCARD);
          guest.fill(0, DISK_BYTES, round);
        }
        node.read(readOffset, seen);
        assertThat(seen).containsOnly(1);
      }
      long sizeBytes = node.size();
      for (int round = 5; round <= ROUNDS; round++) {
        guest.release(0, DISK_BYTES, ReleaseMode.DISCARD);
        guest.fill(0, DISK_BYTES, round);
      }
      assertThat(node.size()).isEqualTo(sizeBytes);
      assertFilled(guest.read(0, DISK_BYTES), ROUNDS);
    }
    assertClean(node);
  }

  /** A write-back is for clusters to serve again: there is none where the file need not grow. */
  @Test
  void nothingIsWrittenBackWhereTheFileNeedNotGrow() throws IOException {
    MemoryNode image = NewImages.create(4L * DISK_BYTES);
    RecordingNode node = new RecordingNode(image);
    try (Qcow2Format format = Images.open(TestOpening.of(node))) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, 2 * DISK_BYTES, 1);
      guest.release(0, DISK_BYTES, ReleaseMode.DISCARD);
      format.flush();
      node.clear();
      guest.release(DISK_BYTES, DISK_BYTES, ReleaseMode.DISCARD);
      guest.fill(2L * DISK_BYTES, DISK_BYTES, 2);
      assertThat(node.count(Operation.Flush.class)).isZero();
    }
    assertClean(image);
  }

  /** Clusters of 2 MiB, so that a few of them are many bytes. */
  @ParameterizedTest
  @ValueSource(strings = {"off", "on"})
  void aWriteBackBeforeTheFileGrowsSurvivesPowerCuts(String lazy) throws IOException {
    int clusterBytes = 2 << 20;
    MemoryNode image =
        NewImages.create(6L * clusterBytes, "cluster_size=2M", "lazy_refcounts=" + lazy);
    try (Qcow2Format format = Images.open(image)) {
      new DriverGuest(format).fill(0, 2 * clusterBytes, 1);
    }
    PowerCutRun run = new PowerCutRun(image, new byte[6 * clusterBytes], 5, 1);
    run.cutDuring(
        new GuestScript(
            List.of(
                new Step(Kind.DISCARD, 0, 0),
                new Step(Kind.DISCARD, 1, 0),
                new Step(Kind.WRITE, 2, 7))));
    assertThat(run.stateCount()).isGreaterThan(5);
    assertThat(run.usedClusters()).as("the freed clusters were used again").isLessThan(8);
  }

  @ParameterizedTest
  @EnumSource(
      value = ReleaseMode.class,
      names = {"DISCARD", "ZERO_UNMAP", "TO_BACKING"})
  void whatAGuestLetsGoOfIsPunched(ReleaseMode mode) throws IOException {
    MemoryNode node = NewImages.create(DISK_BYTES);
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, DISK_BYTES, 1);
      guest.release(0, DISK_BYTES, mode);
    }
    assertThat(node.discardedBytes()).isEqualTo(DISK_BYTES);
    assertClean(node);
  }

  @Test
  void whatAVersionTwoGuestLetsGoOfIsPunched() throws IOException {
    MemoryNode node = NewImages.create(DISK_BYTES, "compat=0.10");
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, DISK_BYTES, 1);
      guest.release(0, DISK_BYTES, ReleaseMode.TO_BACKING);
    }
    assertThat(node.discardedBytes()).isEqualTo(DISK_BYTES);
    assertClean(node);
  }

  private static void assertFilled(byte[] bytes, int value) {
    byte[] expected = new byte[bytes.length];
    Arrays.fill(expected, (byte) value);
    assertThat(Arrays.mismatch(bytes, expected)).isEqualTo(-1);
  }

  private static void assertClean(MemoryNode node) throws IOException {
    List<String> findings = new ArrayList<>();
    CheckReport report =
        Qcow2Checker.check("image.qcow2", node.reopen(), Repair.NONE, findings::add);
    assertThat(report.clean()).as("%s", findings).isTrue();
    Qemu.check(node);
  }
}
