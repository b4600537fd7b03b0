package dev.platter.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.api.BlockNode;
import dev.platter.api.GrowingNode;
import dev.platter.api.IoVector;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.OutOfRangeException;
import dev.platter.api.error.ReadOnlyNodeException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What writing owes: these bytes here, the others untouched, and all of them after reopening. */
public interface WriteContract extends NodeFixture {

  @Test
  default void freshDiskReadsAsZeros() throws IOException {
    needs(Capability.WRITE);
    try (BlockNode node = medium(diskBytes()).open()) {
      assertThat(node.readOnly()).isFalse();
      new DiskModel(diskBytes()).assertEquals(node);
    }
  }

  @Test
  default void writeChangesItsRangeAndNothingElse() {
    needs(Capability.WRITE);
    Seeds.run(
        random -> {
          Medium medium = medium(diskBytes());
          DiskModel model = new DiskModel(diskBytes());
          try (BlockNode node = medium.open()) {
            for (Edges.Range range : Edges.ranges(node)) {
              byte[] bytes = Seeds.bytes(random, range.length());
              node.write(range.offset(), bytes);
              model.write(range.offset(), bytes);
              model.assertEquals(node);
            }
          }
          try (BlockNode node = medium.open(true)) {
            model.assertEquals(node);
          }
          medium.check();
        });
  }

  @Test
  default void writeThatDoesNotLieWithinTheDiskIsRefused() throws IOException {
    needs(Capability.WRITE);
    Medium medium = medium(diskBytes());
    try (BlockNode node = medium.open()) {
      long size = node.size();
      boolean grows = node instanceof GrowingNode;
      long[] offsets =
          grows
              ? new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE}
              : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, size, size - 1};
      for (long offset : offsets) {
        assertThatThrownBy(() -> node.write(offset, new byte[2]))
            .as("write of 2 bytes at %d", offset)
            .isInstanceOf(OutOfRangeException.class);
        assertThatThrownBy(() -> node.writeZeroes(offset, 2, ZeroMode.MAY_UNMAP))
            .as("zero-write of 2 bytes at %d", offset)
            .isInstanceOf(OutOfRangeException.class);
      }
      assertThatThrownBy(() -> node.writeZeroes(1, Long.MAX_VALUE, ZeroMode.KEEP_ALLOCATED))
          .isInstanceOf(OutOfRangeException.class);
      assertThatThrownBy(() -> node.discard(1, Long.MAX_VALUE))
          .isInstanceOf(OutOfRangeException.class);
      assertThatThrownBy(() -> node.discard(size - 1, 2)).isInstanceOf(OutOfRangeException.class);
      new DiskModel(diskBytes()).assertEquals(node);
    }
  }

  @Test
  default void growingNodeEndsWhereTheLastWriteDoesAndTheGapIsZeros() throws IOException {
    needs(Capability.WRITE);
    Medium medium = medium(1000);
    DiskModel model = new DiskModel(1000);
    try (BlockNode node = medium.open()) {
      assumeTrue(
          node instanceof GrowingNode, SkippedTestListener.NOT_APPLICABLE + "not a GrowingNode");
      node.write(998, new byte[] {1, 2, 3, 4});
      node.write(70_000, IoVector.of(MemorySegment.ofArray(new byte[] {5})));
      node.writeZeroes(80_000, 10, ZeroMode.MAY_UNMAP);
      model.resize(80_010);
      model.write(998, new byte[] {1, 2, 3, 4});
      model.write(70_000, new byte[] {5});
      model.assertEquals(node);
    }
    try (BlockNode node = medium.open(true)) {
      model.assertEquals(node);
    }
  }

  @Test
  default void writeOfNothingDoesNothing() throws IOException {
    needs(Capability.WRITE);
    try (BlockNode node = medium(diskBytes()).open()) {
      node.write(0, new byte[0]);
      node.write(node.size(), new byte[0]);
      node.writeZeroes(node.size(), 0, ZeroMode.MAY_UNMAP);
      node.discard(node.size(), 0);
      new DiskModel(diskBytes()).assertEquals(node);
    }
  }

  @Test
  default void vectoredWriteTakesItsSegmentsInOrder() throws IOException {
    needs(Capability.WRITE);
    byte[] bytes = Seeds.bytes(new SplittableRandom(4), 6000);
    DiskModel model = new DiskModel(diskBytes());
    try (BlockNode node = medium(diskBytes()).open();
        Arena arena = Arena.ofConfined()) {
      MemorySegment all = MemorySegment.ofArray(bytes).asReadOnly();
      MemorySegment nativeEnd = arena.allocate(2000).copyFrom(all.asSlice(4000));
      node.write(333, IoVector.of(all.asSlice(0, 1), all.asSlice(1, 3999), nativeEnd));
      model.write(333, bytes);
      model.assertEquals(node);
    }
  }

  @Test
  default void writeConsumesWhatRemainsOfAByteBuffer() throws IOException {
    needs(Capability.WRITE);
    DiskModel model = new DiskModel(diskBytes());
    try (BlockNode node = medium(diskBytes()).open()) {
      ByteBuffer buffer = ByteBuffer.wrap(new byte[] {1, 2, 3, 4}).asReadOnlyBuffer();
      buffer.position(1).limit(3);
      node.write(511, buffer);
      assertThat(buffer.position()).isEqualTo(3);
      model.write(511, new byte[] {2, 3});
      model.assertEquals(node);
    }
  }

  @Test
  default void writesAreThereAfterReopening() throws IOException {
    needs(Capability.WRITE);
    Medium medium = medium(diskBytes());
    DiskModel model = new DiskModel(diskBytes());
    for (int round = 1; round <= 3; round++) {
      byte[] bytes = Seeds.bytes(new SplittableRandom(round), 70_000);
      try (BlockNode node = medium.open()) {
        model.assertEquals(node);
        int offset = 50_000 * round;
        node.write(offset, bytes);
        model.write(offset, bytes);
        node.flush();
      }
      medium.check();
    }
    try (BlockNode node = medium.open(true)) {
      model.assertEquals(node);
    }
  }

  @Test
  default void readOnlyNodeRefusesEveryChange() throws IOException {
    byte[] content = Seeds.bytes(new SplittableRandom(5), diskBytes());
    Medium medium = medium(content);
    try (BlockNode node = medium.open(true)) {
      assertThatThrownBy(() -> node.write(0, new byte[512]))
          .isInstanceOf(ReadOnlyNodeException.class);
      assertThatThrownBy(() -> node.writeZeroes(0, 512, ZeroMode.MAY_UNMAP))
          .isInstanceOf(ReadOnlyNodeException.class);
      assertThatThrownBy(() -> node.discard(0, 512)).isInstanceOf(ReadOnlyNodeException.class);
      if (capabilities().contains(Capability.GROW)) {
        assertThatThrownBy(() -> node.resize(node.size() + 512, Preallocation.OFF))
            .isInstanceOf(ReadOnlyNodeException.class);
      }
      node.flush();
      new DiskModel(content).assertEquals(node);
    }
    medium.check();
  }
}
