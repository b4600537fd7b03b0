package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.IoVector;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.NodeSpec;
import dev.platter.tck.DiskModel;
import dev.platter.tck.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.RepeatedTest;

/** Random operations on random chains against an array of bytes. */
class ChainModelTest {
  private static final int MAX_BYTES = 80_000;
  private static final String[] CLUSTER_SIZES = {"512", "1024", "4096", "16384"};

  @RepeatedTest(40)
  void randomOperationsOnChainAgreeWithArray() {
    Seeds.run(
        random -> {
          try (TestGraph test = new TestGraph()) {
            run(test, random);
          }
        });
  }

  private void run(TestGraph test, RandomGenerator random) throws IOException {
    DiskModel model = new DiskModel(0);
    int layerCount = random.nextInt(1, 6);
    for (int i = 0; i < layerCount; i++) {
      addLayer(test, i, model, random);
      try (BlockBackend disk = test.graph.openBackend(top(i, random))) {
        change(disk, model, random, 25);
        model.assertEquals(disk);
        assertExtentsAgree(disk, model);
      }
    }
    snapshotWhileOpen(test, layerCount - 1, model, random);
    try (BlockBackend again = test.graph.openBackend(TestGraph.toy("/" + layerCount))) {
      model.assertEquals(again);
    }
  }

  private static NodeSpec top(int index, RandomGenerator random) {
    String[] detect = {"off", "on", "unmap"};
    return TestGraph.toy("/" + index)
        .with("detect-zeroes", detect[random.nextInt(3)])
        .with("cache.writeback", random.nextInt(8) == 0 ? "off" : "on");
  }

  private void addLayer(TestGraph test, int index, DiskModel model, RandomGenerator random)
      throws IOException {
    int size = random.nextInt(1, MAX_BYTES);
    String cluster = CLUSTER_SIZES[random.nextInt(4)];
    CreateRequest request =
        index == 0
            ? CreateRequest.of("toy", "/0", size)
            : new CreateRequest(
                "toy",
                "/" + index,
                java.util.OptionalLong.of(size),
                java.util.Optional.of(
                    new dev.platter.api.BackingReference(
                        "/" + (index - 1), java.util.Optional.of("toy"))),
                Map.of(),
                true);
    test.graph.create(
        request
            .with("cluster-size", cluster)
            .with("zeroes", OptionValue.of(random.nextInt(4) > 0)));
    model.resize(size);
  }

  private void snapshotWhileOpen(TestGraph test, int index, DiskModel model, RandomGenerator random)
      throws IOException {
    try (BlockBackend disk = test.graph.openBackend(top(index, random))) {
      NodeSpec overlay =
          test.graph.createOverlay(
              disk,
              "toy",
              "/" + (index + 1),
              Map.of("cluster-size", OptionValue.of(CLUSTER_SIZES[random.nextInt(4)])));
      test.graph.snapshot(disk, overlay.with("discard", "unmap"));
      change(disk, model, random, 25);
      model.assertEquals(disk);
      assertExtentsAgree(disk, model);
    }
  }

  private void change(BlockBackend disk, DiskModel model, RandomGenerator random, int count)
      throws IOException {
    for (int i = 0; i < count && model.size() > 0; i++) {
      int offset = random.nextInt(model.size());
      int most = random.nextInt(3) == 0 ? model.size() : 3000;
      int length = random.nextInt(Math.min(most, model.size() - offset) + 1);
      switch (random.nextInt(12)) {
        case 0, 1 -> write(disk, model, offset, Seeds.bytes(random, length));
        case 2 -> write(disk, model, offset, new byte[length]);
        case 3, 4 -> writeVector(disk, model, offset, Seeds.bytes(random, length), random);
        case 5 -> {
          disk.writeZeroes(
              offset, length, random.nextBoolean() ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED);
          model.zero(offset, length);
        }
        case 6 -> {
          disk.discard(offset, length);
          model.adoptDiscarded(disk, offset, length);
        }
        case 7 -> disk.flush();
        case 8 -> resize(disk, model, random.nextInt(1, MAX_BYTES));
        case 9 -> storeOtherwise(disk, model, offset, random);
        case 10 -> readVector(disk, model, offset, length, random);
        default -> model.assertEquals(disk, offset, length);
      }
    }
  }

  private static void write(BlockNode disk, DiskModel model, int offset, byte[] bytes)
      throws IOException {
    disk.write(offset, bytes);
    model.write(offset, bytes);
  }

  private static void writeVector(
      BlockNode disk, DiskModel model, int offset, byte[] bytes, RandomGenerator random)
      throws IOException {
    disk.write(offset, vector(bytes, random));
    model.write(offset, bytes);
  }

  private static void readVector(
      BlockNode disk, DiskModel model, int offset, int length, RandomGenerator random)
      throws IOException {
    byte[] found = new byte[length];
    disk.read(offset, vector(found, random));
    assertThat(found).isEqualTo(model.range(offset, length));
  }

  private static IoVector vector(byte[] bytes, RandomGenerator random) {
    List<MemorySegment> segments = new ArrayList<>();
    MemorySegment whole = MemorySegment.ofArray(bytes);
    for (int at = 0; at < bytes.length; ) {
      int take = random.nextInt(1, Math.min(2000, bytes.length - at) + 1);
      segments.add(whole.asSlice(at, take));
      at += take;
    }
    return IoVector.of(segments);
  }

  private static void resize(BlockBackend disk, DiskModel model, int newSize) throws IOException {
    disk.resize(newSize, Preallocation.OFF);
    model.resize(newSize);
  }

  /** Marks a cluster as encoded or as shared, as other writers of the format might leave it. */
  private static void storeOtherwise(
      BlockBackend disk, DiskModel model, int offset, RandomGenerator random) throws IOException {
    ToyFormat format = TestGraph.format(disk.root());
    Extent extent = disk.extent(offset, 1);
    boolean own = extent.data() && extent.depth() == 0 && !extent.compressed();
    if (own && random.nextBoolean()) {
      format.flag(offset, ToyFormat.SHARED);
    } else if (own) {
      int unit = Math.toIntExact(format.allocationUnitBytes());
      int start = offset / unit * unit;
      int length = Math.min(unit, model.size() - start);
      byte[] inverted = model.range(start, length);
      for (int i = 0; i < length; i++) {
        inverted[i] = (byte) ~inverted[i];
      }
      disk.write(start, inverted);
      if (disk.extent(offset, 1).data()) {
        format.flag(offset, ToyFormat.ENCODED);
      } else {
        model.write(start, inverted);
      }
    }
  }

  private static void assertExtentsAgree(BlockNode disk, DiskModel model) throws IOException {
    for (int at = 0; at < model.size(); ) {
      Extent extent = disk.extent(at, model.size() - at);
      assertThat(extent.offset()).isEqualTo(at);
      assertThat(extent.length()).isBetween(1L, (long) model.size() - at);
      if (extent.zero()) {
        assertThat(model.range(at, (int) extent.length())).containsOnly(0);
      }
      at += (int) extent.length();
    }
  }
}
