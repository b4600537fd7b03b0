package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.CachedFormat.CacheStats;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestEnvironment;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CachesTest {
  private static final int CLUSTER = 4096;
  private static final long TABLE_COVERS = CLUSTER / 8L * CLUSTER;
  private static final long SMALL_DISK = 8 * TABLE_COVERS;
  private static final long DISK = 64 * TABLE_COVERS;

  @Test
  void neverHoldsMoreThanItsBudgetAndEvictsTheRest() throws IOException {
    MemoryNode node = filled();
    try (Qcow2Format format =
        Images.open(
            node,
            "l2-cache-size=16k",
            "refcount-cache-size=16k",
            "l2-cache-entry-size=512",
            "l2-cache-form=raw")) {
      Random random = new Random(5);
      for (int i = 0; i < 2_000; i++) {
        format.map(random.nextLong(DISK), 1);
        assertThat(l2(format).heldBytes()).isLessThanOrEqualTo(16 << 10);
      }
      CacheStats stats = l2(format);
      assertThat(stats.heldBytes()).isEqualTo(16 << 10);
      assertThat(stats.entries()).isEqualTo(32);
      assertThat(stats.hits() + stats.misses()).isEqualTo(2_000);
      assertThat(stats.evictions()).isEqualTo(stats.misses() - 32);
    }
  }

  @Test
  void keepsItsBudgetWhileMostOfItIsDirty() throws IOException {
    MemoryNode node = NewImages.create(DISK, "cluster_size=4k");
    try (Qcow2Format format =
        Images.open(
            node,
            "l2-cache-size=8k",
            "refcount-cache-size=16k",
            "l2-cache-entry-size=4k",
            "l2-cache-form=raw")) {
      DriverGuest guest = new DriverGuest(format);
      Random random = new Random(6);
      for (int i = 0; i < 300; i++) {
        guest.fill(random.nextLong(DISK / CLUSTER) * CLUSTER, CLUSTER, i);
        assertThat(l2(format).heldBytes()).isLessThanOrEqualTo(8 << 10);
        assertThat(refcount(format).heldBytes()).isLessThanOrEqualTo(16 << 10);
        assertThat(l2(format).dirtyEntries()).isLessThanOrEqualTo(1);
      }
      assertThat(l2(format).writeBacks()).isPositive();
    }
    Qemu.check(node);
  }

  @Test
  void packedTablesOfAFragmentedImageFitWhereRawOnesDoNot() throws IOException {
    MemoryNode node = fragmented();
    long[] evictions = new long[2];
    for (String form : new String[] {"raw", "packed"}) {
      try (Qcow2Format format =
          Images.open(
              node.reopenReadOnly(),
              "l2-cache-size=16k",
              "l2-cache-entry-size=4k",
              "l2-cache-form=" + form)) {
        for (int round = 0; round < 2; round++) {
          for (long offset = 0; offset < SMALL_DISK; offset += CLUSTER) {
            format.map(offset, 1);
            assertThat(l2(format).heldBytes()).isLessThanOrEqualTo(16 << 10);
          }
        }
        evictions[form.equals("raw") ? 0 : 1] = l2(format).evictions();
        assertThat(l2(format).coveredBytes())
            .isEqualTo(form.equals("raw") ? 4 * TABLE_COVERS : SMALL_DISK);
      }
    }
    assertThat(evictions[0]).isPositive();
    assertThat(evictions[1]).isZero();
  }

  @Test
  void whatWasWrittenBackIsPackedAgain() throws IOException {
    MemoryNode node = fragmented();
    try (Qcow2Format format = Images.open(node, "l2-cache-size=64k", "refcount-cache-size=16k")) {
      format.map(0, 1);
      long packedBytes = l2(format).heldBytes();
      new DriverGuest(format).release(5 * CLUSTER, CLUSTER, ReleaseMode.TO_BACKING);
      assertThat(l2(format).heldBytes()).isGreaterThan(packedBytes + 512 * 8 / 2);
      format.flush();
      assertThat(l2(format).heldBytes()).isLessThanOrEqualTo(packedBytes + 512);
      assertThat(l2(format).writeBacks()).isEqualTo(1);
      assertThat(format.map(5 * CLUSTER, 1)).isInstanceOf(Mapping.Backing.class);
    }
    Qemu.check(node);
  }

  @Test
  void aCacheTooSmallForTwoSlicesHoldsTwo() throws IOException {
    MemoryNode node = NewImages.create(DISK, "cluster_size=4k");
    try (Qcow2Format format = Images.open(node, "l2-cache-size=8k", "refcount-cache-size=16k")) {
      DriverGuest guest = new DriverGuest(format);
      for (int i = 0; i < 20; i++) {
        guest.fill(i * TABLE_COVERS, CLUSTER, i);
        CacheStats l2 = l2(format);
        assertThat(l2.heldBytes()).isLessThanOrEqualTo(l2.capacityBytes());
      }
      assertThat(l2(format).capacityBytes()).isBetween(8_192L, 9_000L);
    }
    Qemu.check(node);
  }

  @Test
  void aHitReadsNothing() throws IOException {
    RecordingNode node = new RecordingNode(filled());
    try (Qcow2Format format = Images.open(TestOpening.of(node))) {
      format.map(0, 1);
      node.clear();
      assertThat(l2(format).hits()).isZero();
      for (int i = 0; i < 10; i++) {
        format.map(i * (long) CLUSTER, 1);
      }
      assertThat(node.count(Operation.Read.class)).isZero();
      assertThat(l2(format).hits()).isEqualTo(10);
    }
  }

  @Test
  void openingReadsTheHeaderAlone() throws IOException {
    RecordingNode node = new RecordingNode(filled());
    try (Qcow2Format format = Images.open(TestOpening.of(node))) {
      assertThat(node.log(Operation.Read.class))
          .allSatisfy(
              read -> assertThat(read.offset() + read.length()).isLessThanOrEqualTo(CLUSTER));
      assertThat(format.size()).isEqualTo(DISK);
    }
  }

  @Test
  void theCleanIntervalDropsWhatNobodyUsedMeanwhile() throws IOException {
    TestEnvironment environment = new TestEnvironment();
    TestOpening opening = TestOpening.of(filled()).withEnvironment(environment);
    try (Qcow2Format format = Images.open(opening, "cache-clean-interval=60")) {
      format.map(0, 1);
      format.map(TABLE_COVERS, 1);
      environment.clock().advance(Duration.ofSeconds(60));
      assertThat(l2(format).entries()).isEqualTo(2);
      format.map(0, 1);
      environment.clock().advance(Duration.ofSeconds(60));
      assertThat(l2(format).entries()).isEqualTo(1);
      assertThat(l2(format).cleaned()).isEqualTo(1);
      environment.clock().advance(Duration.ofSeconds(60));
      assertThat(l2(format).heldBytes()).isZero();
    }
    assertThat(environment.clock().timerCount()).isZero();
  }

  @Test
  void cleaningSparesWhatIsDirty() throws IOException {
    TestEnvironment environment = new TestEnvironment();
    TestOpening opening = TestOpening.of(filled()).withEnvironment(environment);
    try (Qcow2Format format = Images.open(opening, "cache-clean-interval=1")) {
      new DriverGuest(format).fill(CLUSTER, CLUSTER, 9);
      environment.clock().advance(Duration.ofSeconds(10));
      assertThat(l2(format).dirtyEntries()).isEqualTo(1);
      assertThat(refcount(format).dirtyEntries()).isEqualTo(1);
      format.flush();
      environment.clock().advance(Duration.ofSeconds(10));
      assertThat(l2(format).entries()).isZero();
      assertThat(refcount(format).entries()).isZero();
    }
  }

  @Test
  void withoutAnIntervalNoTimerIsSet() throws IOException {
    TestEnvironment environment = new TestEnvironment();
    try (Qcow2Format format = Images.open(TestOpening.of(filled()).withEnvironment(environment))) {
      assertThat(format.cacheStats()).hasSize(2);
      assertThat(environment.clock().timerCount()).isZero();
    }
  }

  /** A small image of which every cluster was written, in random order. */
  private static MemoryNode fragmented() throws IOException {
    MemoryNode node = NewImages.create(SMALL_DISK, "cluster_size=4k");
    List<Long> offsets = new ArrayList<>();
    for (long offset = 0; offset < SMALL_DISK; offset += CLUSTER) {
      offsets.add(offset);
    }
    Collections.shuffle(offsets, new Random(7));
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      for (long offset : offsets) {
        guest.fill(offset, CLUSTER, 1);
      }
    }
    return node.reopen();
  }

  /** An image with a cluster in every L2 table, at every even cluster of its beginning. */
  private static MemoryNode filled() throws IOException {
    MemoryNode node = NewImages.create(DISK, "cluster_size=4k");
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      for (long table = 0; table < DISK; table += TABLE_COVERS) {
        guest.fill(table, CLUSTER, 1);
      }
    }
    return node.reopen();
  }

  private static CacheStats l2(Qcow2Format format) {
    return format.cacheStats().get(0);
  }

  private static CacheStats refcount(Qcow2Format format) {
    return format.cacheStats().get(1);
  }
}
