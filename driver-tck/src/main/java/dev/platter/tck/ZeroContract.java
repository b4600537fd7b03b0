package dev.platter.tck;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What zero-writes and discards owe: zeros; zeros or what was there; never another's bytes. */
public interface ZeroContract extends NodeFixture {

  @Test
  default void zeroWriteLeavesZerosAndTouchesNothingElse() throws IOException {
    needs(Capability.WRITE);
    for (ZeroMode mode : ZeroMode.values()) {
      byte[] content = Seeds.bytes(new SplittableRandom(6), diskBytes());
      Medium medium = medium(content);
      DiskModel model = new DiskModel(content);
      try (BlockNode node = medium.open()) {
        for (Edges.Range range : Edges.ranges(node)) {
          node.writeZeroes(range.offset(), range.length(), mode);
          model.zero(range.offset(), range.length());
          model.assertEquals(node);
          byte[] again = Seeds.bytes(new SplittableRandom(range.offset()), range.length());
          node.write(range.offset(), again);
          model.write(range.offset(), again);
        }
        node.writeZeroes(513, 200_000, mode);
        model.zero(513, 200_000);
      }
      try (BlockNode node = medium.open(true)) {
        model.assertEquals(node);
      }
      medium.check();
    }
  }

  @Test
  default void zeroWriteOfADiskWithoutDataLeavesItZeros() throws IOException {
    needs(Capability.WRITE);
    for (ZeroMode mode : ZeroMode.values()) {
      Medium medium = medium(diskBytes());
      try (BlockNode node = medium.open()) {
        node.writeZeroes(0, node.size(), mode);
        new DiskModel(diskBytes()).assertEquals(node);
      }
      medium.check();
    }
  }

  @Test
  default void discardLeavesOldBytesOrZerosAndTouchesNothingElse() throws IOException {
    needs(Capability.WRITE);
    byte[] content = Seeds.bytes(new SplittableRandom(7), diskBytes());
    Medium medium = medium(content);
    DiskModel model = new DiskModel(content);
    try (BlockNode node = medium.open()) {
      for (Edges.Range range : Edges.ranges(node)) {
        node.discard(range.offset(), range.length());
        model.adoptDiscarded(node, range.offset(), range.length());
        model.assertEquals(node);
        byte[] again = Seeds.bytes(new SplittableRandom(range.length()), range.length());
        node.write(range.offset(), again);
        model.write(range.offset(), again);
      }
      node.discard(0, node.size());
      model.adoptDiscarded(node, 0, model.size());
    }
    try (BlockNode node = medium.open(true)) {
      model.adoptDiscarded(node, 0, model.size());
    }
    medium.check();
  }

  @Test
  default void spaceThatWasDiscardedComesBackWithoutOldBytes() throws IOException {
    needs(Capability.WRITE);
    Medium medium = medium(diskBytes());
    DiskModel model = new DiskModel(diskBytes());
    try (BlockNode node = medium.open()) {
      byte[] secret = Seeds.bytes(new SplittableRandom(8), 300_000);
      node.write(0, secret);
      node.flush();
      node.writeZeroes(0, 300_000, ZeroMode.MAY_UNMAP);
      node.flush();
      // One byte in each 8 KiB: the rest of every cluster must be zeros, not what lay there.
      for (int offset = 300_000; offset < 600_000; offset += 8192) {
        node.write(offset, new byte[] {9});
        model.write(offset, new byte[] {9});
      }
      model.assertEquals(node);
    }
    try (BlockNode node = medium.open(true)) {
      model.assertEquals(node);
    }
    medium.check();
  }
}
