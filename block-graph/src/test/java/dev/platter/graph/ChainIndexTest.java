package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.CacheBudget;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.option.OptionValue;
import dev.platter.tck.DiskModel;
import dev.platter.tck.Seeds;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class ChainIndexTest {
  private static final int CLUSTER = TestGraph.CLUSTER;
  private static final int DEEP = 60;
  private static final int SIZE = 16 * CLUSTER;
  private static final int ONE_RUN_BYTES = 24 + 8;
  private static final IndexSize FEW_SMALL_SEGMENTS = new IndexSize(4, 3 * ONE_RUN_BYTES);
  private static final String[] CLUSTER_SIZES = {"512", "1024", "4096", "16384"};

  @Test
  void whatIsKnownToHoldNothingIsPassedOver() throws IOException {
    try (TestGraph test = new TestGraph()) {
      BlockBackend disk = deep(test);
      byte[] first = read(disk, 0, SIZE);
      long before = mapCount(test, disk);
      assertThat(read(disk, 0, SIZE)).isEqualTo(first);
      assertThat(mapCount(test, disk) - before)
          .as("asked: the top and the base, for each cluster")
          .isEqualTo(2 * SIZE / CLUSTER);
    }
  }

  @Test
  void theTopMayChangeAtAnyTime() throws IOException {
    try (TestGraph test = new TestGraph()) {
      BlockBackend disk = deep(test);
      read(disk, 0, SIZE);
      disk.write(CLUSTER, new byte[] {7});
      assertThat(read(disk, CLUSTER, 2)).containsExactly(7, 1);
      disk.discard(CLUSTER, CLUSTER);
      assertThat(read(disk, CLUSTER, 1)).containsExactly(0);
    }
  }

  @Test
  void aLayerInTheMiddleThatIsStillWrittenIsNotPassedOver() throws IOException {
    try (TestGraph test = new TestGraph()) {
      BlockBackend disk = deep(test);
      assertThat(read(disk, 0, 1)).containsExactly(1);
      List<BlockNode> chain = test.graph.chainOf(disk);
      BlockNode middle = chain.get(20);
      BlockNode overlay =
          test.graph.snapshot(middle, test.graph.createOverlay(middle, "toy", "/over", Map.of()));
      assertThat(read(disk, 0, 1)).containsExactly(1);
      overlay.write(0, new byte[] {5});
      assertThat(read(disk, 0, 2)).containsExactly(5, 1);
    }
  }

  @Test
  void aLiveSnapshotReadsAsBefore() throws IOException {
    try (TestGraph test = new TestGraph()) {
      BlockBackend disk = deep(test);
      disk.write(CLUSTER, new byte[] {7});
      byte[] before = read(disk, 0, SIZE);
      for (int i = 0; i < 3; i++) {
        test.graph.snapshot(disk, test.graph.createOverlay(disk, "toy", "/live" + i, Map.of()));
        assertThat(read(disk, 0, SIZE)).isEqualTo(before);
        disk.write(i, new byte[] {9});
        before[i] = 9;
        assertThat(read(disk, 0, SIZE)).isEqualTo(before);
      }
    }
  }

  @Test
  void damageThatNobodyReadsHurtsNobody() throws IOException {
    try (TestGraph test = new TestGraph()) {
      BlockBackend disk = deep(test);
      TestGraph.format(test.graph.chainOf(disk).get(5)).flag(3 * CLUSTER, ToyFormat.DAMAGED);
      assertThat(read(disk, 2 * CLUSTER, CLUSTER)).containsOnly(1);
      assertThat(read(disk, 4 * CLUSTER, CLUSTER)).containsOnly(1);
      assertThatThrownBy(() -> read(disk, 3 * CLUSTER, 1))
          .isInstanceOf(CorruptImageException.class);
    }
  }

  @Test
  void withoutRoomNothingIsRememberedAndAllReadsTheSame() throws IOException {
    CacheBudget budget = CacheBudget.of(100);
    try (TestGraph test = new TestGraph(budget)) {
      BlockBackend disk = deep(test);
      assertThat(read(disk, 0, SIZE)).containsOnly(1);
      assertThat(read(disk, 0, SIZE)).containsOnly(1);
      assertThat(budget.heldBytes()).isLessThanOrEqualTo(100);
    }
    assertThat(budget.heldBytes()).isZero();
  }

  @Test
  void aChainIsWalkedOnceHoweverItsDiskIsRead() throws IOException {
    IndexSize small = new IndexSize(2, 8 * ONE_RUN_BYTES); // 8 segments for all 16 clusters
    for (List<Integer> order : List.of(List.of(0, 9, 3), List.of(15, 2, 8), List.of(7, 6, 14))) {
      try (TestGraph test = new TestGraph(CacheBudget.unlimited(), small)) {
        BlockBackend disk = deep(test);
        read(disk, (long) order.getFirst() * CLUSTER, 1);
        long before = mapCount(test, disk);
        for (int cluster : order) {
          assertThat(read(disk, (long) cluster * CLUSTER, 1)).containsExactly(1);
        }
        assertThat(mapCount(test, disk) - before)
            .as("asked: the top and the base, for clusters %s", order)
            .isEqualTo(2L * order.size());
      }
    }
  }

  @Test
  void whatIsLearnedOfOtherSegmentsDrivesNoneOut() throws IOException {
    IndexSize room = new IndexSize(1, 4 * ONE_RUN_BYTES);
    try (TestGraph test = new TestGraph(CacheBudget.unlimited(), room)) {
      BlockBackend disk = deep(test);
      read(disk, 0, 1);
      long before = mapCount(test, disk);
      read(disk, 9 * CLUSTER, 1); // walks, and takes the place of one of the first four
      long walk = mapCount(test, disk) - before;
      assertThat(walk).isGreaterThan(DEEP / 2);
      for (int cluster = 0; cluster < 4; cluster++) {
        read(disk, (long) cluster * CLUSTER, 1);
      }
      assertThat(mapCount(test, disk) - before - walk).isLessThan(3 * DEEP);
    }
  }

  @Test
  void asManySegmentsAsThereIsRoomForAreRemembered() throws IOException {
    IndexSize room = new IndexSize(4, 4 * ONE_RUN_BYTES); // for all 16 clusters
    try (TestGraph test = new TestGraph(CacheBudget.unlimited(), room)) {
      BlockBackend disk = deep(test);
      readBackwards(disk);
      long before = mapCount(test, disk);
      readBackwards(disk);
      assertThat(mapCount(test, disk) - before)
          .as("asked: the top and the base, for each cluster")
          .isEqualTo(2 * SIZE / CLUSTER);
    }
  }

  @Test
  void aDiskReadRoundAndRoundIsRememberedInPartWhereThereIsNoRoomForAll() throws IOException {
    IndexSize room = new IndexSize(1, 12 * ONE_RUN_BYTES); // for 12 clusters of 16
    try (TestGraph test = new TestGraph(CacheBudget.unlimited(), room)) {
      BlockBackend disk = deep(test);
      read(disk, 0, SIZE);
      long before = mapCount(test, disk);
      for (int round = 0; round < 10; round++) {
        assertThat(read(disk, 0, SIZE)).containsOnly(1);
      }
      assertThat(mapCount(test, disk) - before)
          .as("asked in 10 rounds; all layers each time would be " + 10 * DEEP * 16)
          .isLessThan(10 * DEEP * 16 / 2);
      assertThat(((FormatNode) disk.root()).chainIndex().heldBytes()).isEqualTo(12 * ONE_RUN_BYTES);
    }
  }

  @Test
  void theEndOfADiskThatIsNoWholeUnitIsRememberedToo() throws IOException {
    try (TestGraph test = new TestGraph()) {
      BlockBackend disk = deep(test, SIZE + 100);
      read(disk, SIZE, 100);
      long before = mapCount(test, disk);
      assertThat(read(disk, SIZE, 100)).containsOnly(1);
      assertThat(mapCount(test, disk) - before).as("asked: the top and the base").isEqualTo(2);
    }
  }

  @Test
  void readersSeeNothingOldWhileOverlaysComeAndSegmentsMakeRoom() throws Exception {
    try (TestGraph test = new TestGraph(CacheBudget.unlimited(), FEW_SMALL_SEGMENTS)) {
      BlockBackend disk = deep(test);
      AtomicInteger written = new AtomicInteger(1);
      AtomicBoolean over = new AtomicBoolean();
      try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
        List<Future<?>> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          readers.add(
              threads.submit(
                  () -> {
                    while (!over.get()) {
                      for (int at = 0; at < SIZE; at += CLUSTER) {
                        int least = written.get();
                        int found = read(disk, at, 1)[0];
                        assertThat(found).isBetween(least, written.get() + 1);
                      }
                    }
                    return null;
                  }));
        }
        for (int value = 2; value < 40; value++) {
          if (value % 4 == 0) {
            test.graph.snapshot(
                disk, test.graph.createOverlay(disk, "toy", "/over" + value, Map.of()));
          }
          for (int at = SIZE - CLUSTER; at >= 0; at -= CLUSTER) {
            disk.write(at, new byte[] {(byte) value});
          }
          written.set(value);
        }
        over.set(true);
        for (Future<?> reader : readers) {
          reader.get();
        }
      }
    }
  }

  @RepeatedTest(20)
  void aChainThatGrowsAndChangesAgreesWithAnArray() {
    Seeds.run(
        random -> {
          CacheBudget budget =
              random.nextBoolean() ? CacheBudget.unlimited() : CacheBudget.of(2_000);
          IndexSize indexSize = random.nextBoolean() ? IndexSize.USUAL : FEW_SMALL_SEGMENTS;
          try (TestGraph test = new TestGraph(budget, indexSize)) {
            grow(test, random);
            assertThat(budget.heldBytes()).isLessThanOrEqualTo(budget.capacityBytes());
          }
        });
  }

  private static void grow(TestGraph test, RandomGenerator random) throws IOException {
    int size = random.nextInt(1, 80_000);
    DiskModel model = new DiskModel(0);
    model.resize(size);
    test.graph.create(
        CreateRequest.of("toy", "/0", size).with("cluster-size", clusterSize(random)));
    BlockBackend disk = test.graph.openBackend(TestGraph.toy("/0"));
    for (int layer = 1; layer < 12; layer++) {
      for (int i = random.nextInt(8); i > 0; i--) {
        change(disk, model, random);
      }
      test.graph.snapshot(
          disk,
          test.graph
              .createOverlay(disk, "toy", "/" + layer, Map.of("cluster-size", clusterSize(random)))
              .with("discard", "unmap"));
      model.assertEquals(disk);
    }
    for (int i = 0; i < 60; i++) {
      change(disk, model, random);
    }
    model.assertEquals(disk);
  }

  private static void change(BlockBackend disk, DiskModel model, RandomGenerator random)
      throws IOException {
    int offset = random.nextInt(model.size());
    int length = random.nextInt(Math.min(5_000, model.size() - offset) + 1);
    switch (random.nextInt(8)) {
      case 0, 1 -> {
        byte[] bytes = Seeds.bytes(random, length);
        disk.write(offset, bytes);
        model.write(offset, bytes);
      }
      case 2 -> {
        disk.discard(offset, length);
        model.adoptDiscarded(disk, offset, length);
      }
      case 3 -> {
        int size = random.nextInt(1, 80_000);
        disk.resize(size, Preallocation.OFF);
        model.resize(size);
      }
      default -> model.assertEquals(disk, offset, length);
    }
  }

  private static OptionValue clusterSize(RandomGenerator random) {
    return OptionValue.of(CLUSTER_SIZES[random.nextInt(CLUSTER_SIZES.length)]);
  }

  /** A chain of empty layers on a base that is full of ones. */
  private static BlockBackend deep(TestGraph test) throws IOException {
    return deep(test, SIZE);
  }

  private static BlockBackend deep(TestGraph test, int size) throws IOException {
    test.createToy("/0", size);
    try (BlockNode base = test.open(TestGraph.toy("/0"))) {
      byte[] ones = new byte[size];
      java.util.Arrays.fill(ones, (byte) 1);
      base.write(0, ones);
    }
    for (int layer = 1; layer < DEEP; layer++) {
      test.createToy("/" + layer, size, "/" + (layer - 1), "toy");
    }
    return test.graph.openBackend(TestGraph.toy("/" + (DEEP - 1)));
  }

  private static void readBackwards(BlockBackend disk) throws IOException {
    for (int at = SIZE - CLUSTER; at >= 0; at -= CLUSTER) {
      assertThat(read(disk, at, CLUSTER)).containsOnly(1);
    }
  }

  private static long mapCount(TestGraph test, BlockBackend disk) {
    return test.graph.chainOf(disk).stream()
        .mapToLong(node -> TestGraph.format(node).mapCount())
        .sum();
  }

  private static byte[] read(BlockNode node, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    node.read(offset, bytes);
    return bytes;
  }
}
