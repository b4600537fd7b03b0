package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.CachedFormat.CacheStats;
import dev.platter.api.driver.ReleaseMode;
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
  private static final int LARGE_CLUSTER = 64 << 10;
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

  @Test
  void decodedClustersCountAndGiveWayToThoseThatAreWanted() throws IOException {
    CacheBudget budget = CacheBudget.of(700 << 10);
    List<Qcow2Format> formats = new ArrayList<>();
    for (int image = 0; image < 4; image++) {
      formats.add(open(compressed(), budget, true));
    }
    for (int round = 0; round < 2; round++) {
      for (Qcow2Format format : formats) {
        readInPieces(format);
        assertThat(budget.heldBytes()).isBetween(4L * LARGE_CLUSTER, budget.capacityBytes());
      }
    }
    for (Qcow2Format format : formats) {
      format.close();
    }
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void compressedClustersAreReadWithoutRoomToKeepOne() throws IOException {
    CacheBudget budget = CacheBudget.of(LARGE_CLUSTER);
    try (Qcow2Format format = open(compressed(), budget, true)) {
      readInPieces(format);
      assertThat(budget.heldBytes()).isLessThan(LARGE_CLUSTER / 2);
    }
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void decodedClustersThatAreForgottenGiveTheirSpaceBack() throws IOException {
    CacheBudget budget = CacheBudget.of(2 << 20);
    try (Qcow2Format format = open(compressed(), budget, false)) {
      long before = budget.heldBytes();
      readInPieces(format);
      assertThat(budget.heldBytes()).isGreaterThanOrEqualTo(before + 4 * LARGE_CLUSTER);
      for (int cluster = 0; cluster < 4; cluster++) {
        format.release((long) cluster * LARGE_CLUSTER, LARGE_CLUSTER, ReleaseMode.DISCARD);
      }
      format.flush();
      assertThat(budget.heldBytes()).isLessThan(before + LARGE_CLUSTER);
    }
    assertThat(budget.heldBytes()).isZero();
  }

  private static void readInPieces(Qcow2Format format) throws IOException {
    DriverGuest guest = new DriverGuest(format);
    for (int at = 0; at < 4 * LARGE_CLUSTER; at += LARGE_CLUSTER / 4) {
      assertThat(guest.read(at, 512)).containsOnly(1 + at / LARGE_CLUSTER);
    }
  }

  private static MemoryNode compressed() throws IOException {
    MemoryNode node = NewImages.create(4 * LARGE_CLUSTER, "cluster_size=64k");
    try (Qcow2Format format = Images.open(node)) {
      DriverGuest guest = new DriverGuest(format);
      for (int cluster = 0; cluster < 4; cluster++) {
        guest.fillCompressed((long) cluster * LARGE_CLUSTER, LARGE_CLUSTER, 1 + cluster);
      }
    }
    return node.reopen();
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
