package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A freed cluster is nobody's until its removal is durable and its last reader has gone. */
class QuarantineTest {
  private static final int CLUSTER = 65536;

  /** What one L2 table covers: half of the disk. */
  private static final long HALF_BYTES = 1L << 29;

  private final CountingFence fence = new CountingFence();
  private MemoryNode node;
  private Qcow2Format format;
  private DriverGuest guest;
  private long freedOffset;

  @BeforeEach
  void releaseACluster() throws IOException {
    node = NewImages.create(1 << 30, "cluster_size=64k");
    format = Images.open(TestOpening.of(node).withReadFence(fence));
    guest = new DriverGuest(format);
    guest.fill(0, CLUSTER, 1);
    guest.fill(CLUSTER, CLUSTER, 2);
    format.flush();
    freedOffset = ((Mapping.Data) format.map(0, 1)).hostOffset();
  }

  @AfterEach
  void closesClean() throws IOException {
    format.close();
    Qemu.check(node);
  }

  @Test
  void isNotReusedBeforeAFlush() throws IOException {
    guest.release(0, CLUSTER, ReleaseMode.DISCARD);
    assertThat(nextOffset()).isGreaterThan(freedOffset);
    format.flush();
    assertThat(nextOffset()).isEqualTo(freedOffset);
  }

  @Test
  void isNeitherReusedNorPunchedWhileAReaderMaySeeIt() throws IOException {
    try (CountingFence.Use _ = fence.enter()) {
      guest.release(0, CLUSTER, ReleaseMode.DISCARD);
      format.flush();
      assertThat(nextOffset()).isGreaterThan(freedOffset);
      assertThat(node.discardedBytes()).isZero();
    }
    assertThat(nextOffset()).isEqualTo(freedOffset);
    assertThat(node.discardedBytes()).isEqualTo(CLUSTER);
  }

  @Test
  void aReaderThatCameLaterHoldsNothingBack() throws IOException {
    guest.release(0, CLUSTER, ReleaseMode.DISCARD);
    format.flush();
    try (CountingFence.Use _ = fence.enter()) {
      assertThat(nextOffset()).isEqualTo(freedOffset);
    }
  }

  /** The guest lets go of a cluster; its L2 table goes when the disk shrinks. */
  @ParameterizedTest
  @CsvSource({"off, 1", "on, 2"})
  void whatNoGuestLetGoOfIsPunchedOnDemand(String passDiscardOther, int clusters)
      throws IOException {
    format.close();
    format =
        Images.open(
            TestOpening.of(node.reopen()).withReadFence(fence),
            "pass-discard-other=" + passDiscardOther);
    guest = new DriverGuest(format);
    guest.fill(HALF_BYTES, CLUSTER, 3);
    guest.release(HALF_BYTES, CLUSTER, ReleaseMode.DISCARD);
    format.flush();
    format.resize(HALF_BYTES, Preallocation.OFF);
    assertThat(node.discardedBytes()).isEqualTo((long) clusters * CLUSTER);
  }

  @Test
  void spaceThatWasGivenBackIsReusedAtOnce() throws IOException {
    long offset = nextOffset();
    assertThat(nextOffset()).isEqualTo(offset);
  }

  /** Where the next allocation would go; it is given back. */
  private long nextOffset() throws IOException {
    try (Allocation allocation = format.allocate(10L * CLUSTER, CLUSTER)) {
      return allocation.hostOffset();
    }
  }
}
