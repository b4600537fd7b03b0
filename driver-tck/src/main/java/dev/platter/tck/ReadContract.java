package dev.platter.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.IoVector;
import dev.platter.api.error.OutOfRangeException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What reading owes: every byte of every range within the disk, and nothing beyond it. */
public interface ReadContract extends NodeFixture {

  @Test
  default void readFillsEveryRangeWithTheBytesStoredThere() {
    Seeds.run(
        random -> {
          byte[] content = Seeds.bytes(random, diskBytes());
          DiskModel model = new DiskModel(content);
          try (BlockNode node = medium(content).open(true)) {
            for (Edges.Range range : Edges.ranges(node)) {
              model.assertEquals(node, range.offset(), range.length());
            }
          }
        });
  }

  @Test
  default void nodeSaysWhatItIs() throws IOException {
    byte[] content = new byte[diskBytes()];
    try (BlockNode node = medium(content).open(true)) {
      assertThat(node.name()).isNotEmpty();
      assertThat(node.size()).isEqualTo(diskBytes());
      assertThat(node.readOnly()).isTrue();
      assertThat(node.limits()).isNotNull();
    }
  }

  @Test
  default void readThatDoesNotLieWithinTheDiskIsRefused() throws IOException {
    try (BlockNode node = medium(new byte[diskBytes()]).open(true)) {
      long size = node.size();
      for (long offset : new long[] {-1, Long.MIN_VALUE, size, size - 1, Long.MAX_VALUE}) {
        byte[] dst = {7, 7};
        assertThatThrownBy(() -> node.read(offset, dst))
            .as("read of 2 bytes at %d", offset)
            .isInstanceOf(OutOfRangeException.class);
        assertThat(dst).as("memory of a refused read").containsExactly(7, 7);
      }
      assertThatThrownBy(() -> node.extent(size, 1)).isInstanceOf(OutOfRangeException.class);
      assertThatThrownBy(() -> node.extent(1, Long.MAX_VALUE))
          .isInstanceOf(OutOfRangeException.class);
    }
  }

  @Test
  default void readOfNothingIsAllowedUpToTheEnd() throws IOException {
    try (BlockNode node = medium(new byte[diskBytes()]).open(true)) {
      node.read(0, new byte[0]);
      node.read(5, new byte[0]);
      node.read(node.size(), new byte[0]);
      assertThatThrownBy(() -> node.read(node.size() + 1, new byte[0]))
          .isInstanceOf(OutOfRangeException.class);
    }
  }

  @Test
  default void vectoredReadFillsItsSegmentsInOrder() throws IOException {
    byte[] content = Seeds.bytes(new SplittableRandom(1), diskBytes());
    try (BlockNode node = medium(content).open(true);
        Arena arena = Arena.ofConfined()) {
      MemorySegment first = arena.allocate(300);
      byte[] second = new byte[5000];
      MemorySegment third = arena.allocate(1);
      node.read(1000, IoVector.of(first, MemorySegment.ofArray(second), MemorySegment.NULL, third));
      assertThat(first.toArray(ValueLayout.JAVA_BYTE))
          .isEqualTo(Arrays.copyOfRange(content, 1000, 1300));
      assertThat(second).isEqualTo(Arrays.copyOfRange(content, 1300, 6300));
      assertThat(third.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo(content[6300]);
      assertThatThrownBy(() -> node.read(node.size() - 300, IoVector.of(first, third)))
          .isInstanceOf(OutOfRangeException.class);
    }
  }

  @Test
  default void readConsumesWhatRemainsOfAByteBuffer() throws IOException {
    byte[] content = Seeds.bytes(new SplittableRandom(2), diskBytes());
    try (BlockNode node = medium(content).open(true)) {
      for (ByteBuffer buffer : new ByteBuffer[] {ByteBuffer.allocate(64), direct(64)}) {
        buffer.position(8).limit(40);
        node.read(700, buffer);
        assertThat(buffer.position()).isEqualTo(40);
        byte[] found = new byte[32];
        buffer.get(8, found);
        assertThat(found).isEqualTo(Arrays.copyOfRange(content, 700, 732));
        assertThat(buffer.clear().get(40)).isZero();
      }
    }
  }

  @Test
  default void readOnAnInterruptedThreadSucceedsAndTheNodeStaysOpen() throws IOException {
    byte[] content = Seeds.bytes(new SplittableRandom(3), diskBytes());
    DiskModel model = new DiskModel(content);
    try (BlockNode node = medium(content).open(true)) {
      Thread.currentThread().interrupt();
      try {
        model.assertEquals(node, 0, 4096);
      } finally {
        assertThat(Thread.interrupted()).as("the thread's interrupt, kept for its owner").isTrue();
      }
      model.assertEquals(node);
    }
  }

  @Test
  default void extentsCoverTheDiskAndZeroOnesReadAsZeros() throws IOException {
    byte[] content = new byte[diskBytes()];
    Arrays.fill(content, 100_000, 300_000, (byte) 5);
    try (BlockNode node = medium(content).open(true)) {
      long at = 0;
      while (at < node.size()) {
        Extent extent = node.extent(at, node.size() - at);
        assertThat(extent.offset()).isEqualTo(at);
        assertThat(extent.length()).isBetween(1L, node.size() - at);
        if (extent.zero()) {
          int from = (int) at;
          assertThat(Arrays.copyOfRange(content, from, from + (int) extent.length()))
              .as("bytes of %s", extent)
              .containsOnly(0);
        }
        at += extent.length();
      }
      assertThat(node.extent(100_001, 3).length()).isBetween(1L, 3L);
    }
  }

  private static ByteBuffer direct(int capacity) {
    return ByteBuffer.allocateDirect(capacity);
  }
}
