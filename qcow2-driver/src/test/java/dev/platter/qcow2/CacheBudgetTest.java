package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.CachedFormat.CacheStats;
import dev.platter.api.error.OptionException;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestEnvironment;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Several images that draw on one budget. */
class CacheBudgetTest {
  private static final int CLUSTER = 512;
  private static final long TABLE_COVERS = CLUSTER / 8L * CLUSTER;
  private static final int TABLES = 200;
  private static final long DISK = TABLES * TABLE_COVERS;

  private final long seed = Long.getLong("platter.seed", System.nanoTime());

  @Test
  void theSlicesOfAnImageThatNobodyAsksGiveWay() throws IOException {
    CacheBudget budget = CacheBudget.of(24 << 10);
    try (Qcow2Format base = open(filled(), budget, true);
        Qcow2Format overlay = open(filled(), budget, true)) {
      touch(base);
      assertThat(l2(base).entries()).isGreaterThan(20);
      for (int round = 0; round < 3; round++) {
        touch(overlay);
      }
      assertThat(l2(base).entries()).isZero();
      assertThat(budget.heldBytes()).isLessThanOrEqualTo(budget.capacityBytes());
      assertThat(l2(overlay).heldBytes()).isGreaterThan(20 << 10);
    }
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void writersGoOnWhenOthersHaveTakenAllOfIt() throws Exception {
    CacheBudget budget = CacheBudget.of(20 << 10);
    List<MemoryNode> nodes = List.of(filled(), filled(), filled());
    List<Qcow2Format> formats = new ArrayList<>();
    for (MemoryNode node : nodes) {
      formats.add(open(node, budget, false));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(formats.size())) {
      List<Callable<Void>> writers = new ArrayList<>();
      for (int i = 0; i < formats.size(); i++) {
        Qcow2Format format = formats.get(i);
        Random random = new Random(seed + i);
        writers.add(() -> write(format, random, budget));
      }
      for (Future<Void> writer : threads.invokeAll(writers)) {
        writer.get();
      }
    }
    for (Qcow2Format format : formats) {
      format.close();
    }
    assertThat(budget.heldBytes()).as("seed %d", seed).isZero();
    for (MemoryNode node : nodes) {
      Qemu.check(node);
    }
  }

  @Test
  void anImageThatTheBudgetHasNoRoomForIsRefused() throws IOException {
    CacheBudget budget = CacheBudget.of(3_000);
    try (Qcow2Format first = open(filled(), budget, false)) {
      assertThat(first.size()).isEqualTo(DISK);
      MemoryNode second = filled();
      assertThatThrownBy(() -> open(second, budget, false))
          .isInstanceOf(OptionException.class)
          .hasMessageContaining("the caches of all images may hold 3000 bytes");
    }
  }

  private Void write(Qcow2Format format, Random random, CacheBudget budget) throws IOException {
    DriverGuest guest = new DriverGuest(format);
    for (int i = 0; i < 600; i++) {
      guest.fill(random.nextLong(DISK / CLUSTER) * CLUSTER, CLUSTER, i);
      long held = format.cacheStats().stream().mapToLong(CacheStats::heldBytes).sum();
      assertThat(held).as("seed %d", seed).isLessThanOrEqualTo(budget.capacityBytes());
      assertThat(budget.heldBytes())
          .as("seed %d", seed)
          .isLessThanOrEqualTo(budget.capacityBytes());
    }
    return null;
  }

  private static void touch(Qcow2Format format) throws IOException {
    for (long offset = 0; offset < DISK; offset += TABLE_COVERS) {
      format.map(offset, 1);
    }
  }

  private static Qcow2Format open(MemoryNode node, CacheBudget budget, boolean readOnly)
      throws IOException {
    return Images.open(
        TestOpening.of(readOnly ? node.reopenReadOnly() : node)
            .withEnvironment(new TestEnvironment(budget)),
        "l2-cache-size=1M",
        "refcount-cache-size=64k");
  }

  /** An image with a cluster in every L2 table. */
  private static MemoryNode filled() throws IOException {
    MemoryNode node = NewImages.create(DISK, "cluster_size=512");
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
}
