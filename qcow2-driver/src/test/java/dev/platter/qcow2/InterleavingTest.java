package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.tck.fake.HookedNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens in the middle of what else happens, one interleaving at a time. */
class InterleavingTest {
  private static final int CLUSTER = 4096;
  private static final int FLUSHERS = 5;

  @TempDir Path folder;

  @Test
  void aCommitDuringAWriteBackIsForTheNext() throws IOException {
    MemoryNode memory = NewImages.create(1 << 20, "cluster_size=4k");
    HookedNode node = new HookedNode(memory);
    try (Qcow2Format format = Images.open(TestOpening.of(node))) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, CLUSTER, 1);
      node.beforeNextWrite(() -> guest.fill(CLUSTER, CLUSTER, 2));
      format.flush();
      assertThat(format.cacheStats().get(0).dirtyEntries()).isEqualTo(1);
      MemoryNode cut = memory.copy();
      assertHolds(cut, 0, 1);
      assertHolds(cut, CLUSTER, 0);
      format.flush();
      assertThat(format.cacheStats().get(0).dirtyEntries()).isZero();
      assertHolds(memory.copy(), CLUSTER, 2);
    }
    Qemu.check(memory);
  }

  @Test
  void aReleaseDuringAWriteBackIsNotFreedByIt() throws IOException {
    MemoryNode memory = NewImages.create(1 << 20, "cluster_size=4k");
    HookedNode node = new HookedNode(memory);
    try (Qcow2Format format = Images.open(TestOpening.of(node))) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, CLUSTER, 1);
      node.beforeNextWrite(() -> guest.release(0, CLUSTER, ReleaseMode.DISCARD));
      format.flush();
      assertThat(memory.discardedBytes()).isZero();
      assertHolds(memory.copy(), 0, 1);
      format.flush();
      assertThat(memory.discardedBytes()).isEqualTo(CLUSTER);
    }
    Qemu.check(memory);
  }

  @Test
  void aSliceWhoseTableIsCopiedWhileItIsReadIsReadFromTheCopy() throws IOException {
    Qemu.assumeInstalled();
    Path image = folder.resolve("image.qcow2");
    Qemu.img("create", "-q", "-f", "qcow2", "-o", "cluster_size=4k", image.toString(), "2M");
    Qemu.io(image, "write -q -P 1 0 2M");
    Qemu.img("snapshot", "-c", "before", image.toString());
    MemoryNode memory = Qemu.node(image);
    RecordingNode recording = new RecordingNode(memory);
    HookedNode node = new HookedNode(recording);
    try (Qcow2Format format = Images.open(TestOpening.of(node), "l2-cache-entry-size=512")) {
      DriverGuest guest = new DriverGuest(format);
      guest.read(64 * CLUSTER, CLUSTER);
      recording.clear();
      node.beforeNextRead(() -> guest.fill(64 * CLUSTER, CLUSTER, 2));
      Mapping mapping = format.map(0, CLUSTER);
      List<Long> sliceReads =
          recording.log(Operation.Read.class).stream()
              .filter(read -> read.length() == 512)
              .map(Operation.Read::offset)
              .toList();
      assertThat(sliceReads).as("the old table, then the copy").hasSize(2).doesNotHaveDuplicates();
      assertThat(mapping)
          .isInstanceOfSatisfying(
              Mapping.Data.class, data -> assertThat(data.writable()).isFalse());
      assertThat(guest.read(0, CLUSTER)).containsOnly(1);
    }
    Qemu.check(memory);
  }

  @Test
  void flushesThatWaitShareTheNext() throws Exception {
    RecordingNode recording = new RecordingNode(NewImages.create(1 << 20, "cluster_size=4k"));
    HookedNode node = new HookedNode(recording);
    try (Qcow2Format format = Images.open(TestOpening.of(node))) {
      new DriverGuest(format).fill(0, CLUSTER, 1);
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch released = new CountDownLatch(1);
      AtomicInteger failures = new AtomicInteger();
      node.beforeNextWrite(
          () -> {
            begun.countDown();
            awaitUninterruptibly(released);
          });
      Thread first = flusher(format, failures);
      begun.await();
      List<Thread> others = new ArrayList<>();
      for (int i = 0; i < FLUSHERS; i++) {
        others.add(flusher(format, failures));
      }
      for (Thread other : others) {
        while (other.getState() != Thread.State.WAITING) {
          Thread.onSpinWait();
        }
      }
      recording.clear();
      released.countDown();
      first.join();
      for (Thread other : others) {
        other.join();
      }
      assertThat(failures).hasValue(0);
      assertThat(recording.count(Operation.Flush.class))
          .as("two for the first, one for all the others")
          .isEqualTo(3);
    }
  }

  private static Thread flusher(Qcow2Format format, AtomicInteger failures) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                format.flush();
              } catch (IOException e) {
                failures.incrementAndGet();
              }
            });
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void assertHolds(MemoryNode image, long offset, int value) throws IOException {
    List<String> findings = new ArrayList<>();
    assertThat(Qcow2Checker.check("image", image, Repair.NONE, findings::add).corruptions())
        .as("%s", findings)
        .isZero();
    try (Qcow2Format format = Images.open(image.reopenReadOnly())) {
      assertThat(new DriverGuest(format).read(offset, CLUSTER)).containsOnly(value);
    }
  }
}
