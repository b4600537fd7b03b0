package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.CompressingFormat.CompressedSpace;
import dev.platter.tck.fake.HookedNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An error in a commit says nothing of whether the clusters are linked: they are not free. */
class AllocationErrorTest {
  private static final int CLUSTER = 1024;

  /** Makes one dirty slice fill the cache: a commit to another has to write it back first. */
  private static final String[] SMALL_CACHE = {"l2-cache-size=2k", "l2-cache-entry-size=1k"};

  private final IllegalStateException error = new IllegalStateException("on purpose");
  private HookedNode file;
  private MemoryNode image;

  @BeforeEach
  void create() throws IOException {
    image = NewImages.create(512 * CLUSTER, "cluster_size=1k");
    file = new HookedNode(image);
  }

  @Test
  void clustersOfACommitThatAnErrorEndsAreNotHandedOutAgain() throws IOException {
    try (Qcow2Format format = Images.open(TestOpening.of(file), SMALL_CACHE)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(130L * CLUSTER, CLUSTER, 4);
      format.flush();
      guest.fill(0, CLUSTER, 5);
      long offset;
      try (Allocation allocation = format.allocate(131L * CLUSTER, CLUSTER)) {
        offset = allocation.hostOffset();
        failNextWrite();
        assertThatThrownBy(allocation::commit).isSameAs(error);
      }
      try (Allocation allocation = format.allocate(131L * CLUSTER, CLUSTER)) {
        assertThat(allocation.hostOffset()).isGreaterThan(offset);
      }
      assertThat(guest.read(0, CLUSTER)).containsOnly(5);
    }
    assertLeaksAtWorst();
  }

  @Test
  void norIsRoomForCompressedData() throws IOException {
    try (Qcow2Format format = Images.open(TestOpening.of(file), SMALL_CACHE)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(130L * CLUSTER, CLUSTER, 4);
      format.flush();
      guest.fill(0, CLUSTER, 5);
      long offset;
      try (CompressedSpace space = format.allocateCompressed(131L * CLUSTER, 100)) {
        offset = space.hostOffset();
        failNextWrite();
        assertThatThrownBy(space::commit).isSameAs(error);
      }
      try (CompressedSpace space = format.allocateCompressed(131L * CLUSTER, 100)) {
        assertThat(space.hostOffset()).isNotEqualTo(offset);
      }
    }
    assertLeaksAtWorst();
  }

  /**
   * Between an entry that is replaced and its cluster in quarantine there is nothing that can fail.
   */
  @Test
  void clustersAreUnlinkedWithoutAllocating() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    ClusterRuns runs = new ClusterRuns();
    threads.getCurrentThreadAllocatedBytes();
    runs.reserve(100);
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < 100; i++) {
      runs.add(3L * i, 1, Quarantine.Cause.OTHER);
      runs.add(3L * i + 1, 1, Quarantine.Cause.OTHER);
    }
    assertThat(threads.getCurrentThreadAllocatedBytes()).isEqualTo(before);
    assertThat(runs.size()).isEqualTo(100);
    assertThat(runs.clusterCount()).isEqualTo(200);
    assertThat(runs.list().get(7)).isEqualTo(new Quarantine.Run(21, 2, Quarantine.Cause.OTHER));
  }

  private void failNextWrite() {
    file.beforeNextWrite(
        () -> {
          throw error;
        });
  }

  private void assertLeaksAtWorst() throws IOException {
    CheckReport report =
        Qcow2Checker.check("image.qcow2", image.reopen(), Repair.LEAKS, finding -> {});
    assertThat(report.corruptions() + report.checkErrors()).isZero();
    Qemu.check(image);
  }
}
