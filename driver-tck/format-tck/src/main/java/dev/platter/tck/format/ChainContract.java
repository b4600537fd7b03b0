package dev.platter.tck.format;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.tck.Capability;
import dev.platter.tck.DiskModel;
import dev.platter.tck.RandomWalk;
import dev.platter.tck.Seeds;
import dev.platter.tck.Threads;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What an overlay owes: its own bytes over those of the layers below, which it never changes. */
public interface ChainContract extends FormatFixture {
  /** Cells that share clusters of most formats; another size of cell covers whole clusters. */
  int SMALL_CELL_BYTES = 512;

  /** Cells that are whole clusters of most formats. */
  int LARGE_CELL_BYTES = 64 << 10;

  @Test
  default void unallocatedClusterReadsFromBacking() throws IOException {
    needs(Capability.BACKING);
    for (int cellBytes : new int[] {SMALL_CELL_BYTES, LARGE_CELL_BYTES}) {
      ChainDrawing.of(this, cellBytes, "AA--BB--", "--CC----").expect("AACCBB00");
    }
  }

  @Test
  default void everyLayerShowsThroughTheOnesAbove() throws IOException {
    needs(Capability.BACKING);
    for (int cellBytes : new int[] {SMALL_CELL_BYTES, LARGE_CELL_BYTES}) {
      ChainDrawing.of(this, cellBytes, "AAAAAAAA", "-B-B-B-B", "--CC--CC", "----DDDD")
          .expect("ABCCDDDD");
    }
  }

  @Test
  default void zerosOfAnOverlayHideTheBase() throws IOException {
    needs(Capability.BACKING);
    for (int cellBytes : new int[] {SMALL_CELL_BYTES, LARGE_CELL_BYTES}) {
      ChainDrawing chain = ChainDrawing.of(this, cellBytes, "AAAAAAAA", "-00-BB00");
      chain.expect("A00ABB00");
      chain.draw("--C-00-C");
      chain.expect("A0CA000C");
    }
  }

  @Test
  default void shorterBaseReadsAsZerosBeyondItsEnd() throws IOException {
    needs(Capability.BACKING);
    for (int cellBytes : new int[] {SMALL_CELL_BYTES, LARGE_CELL_BYTES}) {
      ChainDrawing chain = ChainDrawing.of(this, cellBytes, "AAA", "--------", "B-------");
      chain.expect("BAA00000");
      chain.draw("----C---");
      chain.expect("BAA0C000");
    }
  }

  @Test
  default void longerBaseIsCutOff() throws IOException {
    needs(Capability.BACKING);
    for (int cellBytes : new int[] {SMALL_CELL_BYTES, LARGE_CELL_BYTES}) {
      ChainDrawing chain = ChainDrawing.of(this, cellBytes, "AAAAAAAA", "-B-");
      chain.expect("ABA");
      chain.draw("--C");
      chain.expect("ABC");
    }
  }

  @Test
  default void growthHidesALongerBase() throws IOException {
    needs(Capability.BACKING);
    needs(Capability.GROW);
    for (int cellBytes : new int[] {SMALL_CELL_BYTES, LARGE_CELL_BYTES}) {
      ChainDrawing chain = ChainDrawing.of(this, cellBytes, "AAAAAAAA", "-B-");
      try (BlockNode node = chain.image().open()) {
        node.resize(7L * cellBytes, Preallocation.OFF);
      }
      chain.expect("ABA0000");
    }
  }

  @Test
  default void whatWasCutOffAnOverlayDoesNotComeBackFromTheBase() throws IOException {
    needs(Capability.BACKING);
    needs(Capability.SHRINK);
    needs(Capability.GROW);
    for (int cellBytes : new int[] {SMALL_CELL_BYTES, LARGE_CELL_BYTES}) {
      ChainDrawing chain = ChainDrawing.of(this, cellBytes, "AAAAAAAA", "BBBB----");
      try (BlockNode node = chain.image().open()) {
        node.resize(3L * cellBytes, Preallocation.OFF);
        node.resize(8L * cellBytes, Preallocation.OFF);
      }
      chain.expect("BBB00000");
    }
  }

  @Test
  default void baseThatEndsWithinASectorReadsAsZerosBeyond() throws IOException {
    needs(Capability.BACKING);
    byte[] bytes = Seeds.bytes(new SplittableRandom(17), 70_001);
    FormatImage chain =
        new FormatImage(this, image(diskBytes(), Optional.empty()))
            .over(FormatImage.plain(this, MemoryNode.of("base", bytes)));
    DiskModel model = new DiskModel(diskBytes());
    model.write(0, bytes);
    try (BlockNode node = chain.open()) {
      model.assertEquals(node);
      node.write(70_100, new byte[] {5});
      model.write(70_100, new byte[] {5});
      model.assertEquals(node);
    }
    try (BlockNode node = chain.open(true)) {
      model.assertEquals(node);
    }
  }

  @Test
  default void smallWriteKeepsTheRestOfItsClusterAndTheBase() {
    needs(Capability.BACKING);
    Seeds.run(
        random -> {
          byte[] content = Seeds.bytes(random, diskBytes());
          MemoryNode base = MemoryNode.of("base", content);
          FormatImage chain =
              new FormatImage(this, image(diskBytes(), Optional.empty()))
                  .over(FormatImage.plain(this, base));
          DiskModel model = new DiskModel(content);
          try (BlockNode node = chain.open()) {
            for (int i = 0; i < 50; i++) {
              byte[] bytes = Seeds.bytes(random, random.nextInt(1, 3000));
              int offset = random.nextInt(diskBytes() - bytes.length + 1);
              node.write(offset, bytes);
              model.write(offset, bytes);
            }
            model.assertEquals(node);
          }
          try (BlockNode node = chain.open(true)) {
            model.assertEquals(node);
          }
          chain.check();
          assertThat(base.bytes()).as("bytes of the base").isEqualTo(content);
        });
  }

  @Test
  default void discardOfAnOverlayNeverShowsTheBase() throws IOException {
    needs(Capability.BACKING);
    ChainDrawing chain = ChainDrawing.of(this, LARGE_CELL_BYTES, "AAAAAAAA", "-BBBB---");
    try (BlockNode node = chain.image().open()) {
      byte[] bytes = new byte[Math.toIntExact(node.size())];
      node.read(0, bytes);
      DiskModel model = new DiskModel(bytes);
      node.discard(LARGE_CELL_BYTES / 2, 2L * LARGE_CELL_BYTES);
      model.adoptDiscarded(node, LARGE_CELL_BYTES / 2, 2 * LARGE_CELL_BYTES);
      node.discard(0, node.size());
      model.adoptDiscarded(node, 0, model.size());
      node.writeZeroes(0, LARGE_CELL_BYTES, ZeroMode.MAY_UNMAP);
      model.zero(0, LARGE_CELL_BYTES);
      model.assertEquals(node);
    }
    chain.image().check();
  }

  @Test
  default void randomOperationsOnAChainLeaveWhatAByteArrayWouldHold() {
    needs(Capability.BACKING);
    Seeds.run(
        random -> {
          byte[] content = Seeds.bytes(random, diskBytes());
          MemoryNode base = MemoryNode.of("base", content);
          FormatImage middle =
              new FormatImage(this, image(diskBytes() - 100_352, Optional.empty()))
                  .over(FormatImage.plain(this, base));
          FormatImage top =
              new FormatImage(this, image(diskBytes(), Optional.empty())).over(middle);
          DiskModel model = new DiskModel(content);
          model.zero(diskBytes() - 100_352, 100_352);
          new RandomWalk(top, model, random).steps(400);
          assertThat(base.bytes()).as("bytes of the base").isEqualTo(content);
        });
  }

  @Test
  default void concurrentSmallWritesIntoOneClusterLoseNothingOfEachOtherOrTheBase()
      throws Exception {
    needs(Capability.BACKING);
    byte[] content = Seeds.bytes(new SplittableRandom(18), diskBytes());
    FormatImage chain =
        new FormatImage(this, image(diskBytes(), Optional.empty()))
            .over(FormatImage.plain(this, MemoryNode.of("base", content)));
    DiskModel model = new DiskModel(content);
    int threadCount = 4;
    int stepBytes = 700;
    byte[] mark = new byte[123];
    Arrays.fill(mark, (byte) 0x55);
    try (BlockNode node = chain.open()) {
      Threads.run(
          threadCount,
          thread -> {
            for (int at = thread * stepBytes;
                at + mark.length <= diskBytes();
                at += threadCount * stepBytes) {
              node.write(at, mark);
            }
          });
      for (int at = 0; at + mark.length <= diskBytes(); at += stepBytes) {
        model.write(at, mark);
      }
      model.assertEquals(node);
    }
    try (BlockNode node = chain.open(true)) {
      model.assertEquals(node);
    }
    chain.check();
  }
}
