package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.IoVector;
import dev.platter.api.Ranges;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.ReleaseMode;
import java.io.IOException;

/**
 * Zero-writes and discards of one image: whole units are released by the driver, under the range
 * lock; what is left over at the edges is written, or ignored by a discard.
 *
 * <p>Where a format has no zeros and nothing lies below, a range that the image does not hold reads
 * as zeros: then it is let go of, even by a request that would rather keep the space. That costs
 * less than zeros in full, and is what QEMU does.
 */
final class ZeroWriter {
  private final FormatNode node;
  private final RangeLock ranges;
  private final ChainWriter writer;
  private final boolean unmaps;
  private final long unitBytes;

  ZeroWriter(FormatNode node, RangeLock ranges, ChainWriter writer, boolean unmaps) {
    this.node = node;
    this.ranges = ranges;
    this.writer = writer;
    this.unmaps = unmaps;
    this.unitBytes = node.driver().allocationUnitBytes();
  }

  /** Makes guest bytes read as zeros. */
  void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    long end = offset + length;
    long start = Ranges.alignUp(offset, unitBytes);
    long stop = unitEnd(end);
    if (start >= stop) {
      write(offset, length);
      return;
    }
    write(offset, start - offset);
    boolean unmap = unmaps && mode == ZeroMode.MAY_UNMAP;
    if (!release(start, stop, unmap ? ReleaseMode.ZERO_UNMAP : ReleaseMode.ZERO_KEEP)) {
      write(start, stop - start);
    }
    write(stop, end - stop);
  }

  /** Frees the space of the whole units within a range, if discards are to be honoured. */
  void discard(long offset, long length) throws IOException {
    long start = Ranges.alignUp(offset, unitBytes);
    long stop = unitEnd(offset + length);
    if (unmaps && start < stop) {
      release(start, stop, ReleaseMode.DISCARD);
    }
  }

  /**
   * Makes what the disk has gained read as zeros: over a longer backing file, and over the rest of
   * a unit.
   *
   * @return whether there was something to be done
   */
  boolean zeroGrowth(long oldSize) throws IOException {
    long backingEnd = node.backing().map(BlockNode::size).orElse(0L);
    long end = Math.min(node.size(), Math.max(backingEnd, Ranges.alignUp(oldSize, unitBytes)));
    if (end > oldSize) {
      writeZeroes(oldSize, end - oldSize, ZeroMode.MAY_UNMAP);
    }
    return end > oldSize;
  }

  private boolean release(long start, long stop, ReleaseMode mode) throws IOException {
    try (RangeLock.Held _ = ranges.lock(start, Ranges.alignUp(stop, unitBytes))) {
      return node.image().release(start, stop - start, mode)
          || (nothingBelow() && node.image().release(start, stop - start, ReleaseMode.TO_BACKING));
    }
  }

  /**
   * Whether a range that the image does not hold reads as zeros. Only the graph knows: a backing
   * file may be given although the header names none.
   */
  private boolean nothingBelow() {
    return node.backing().isEmpty() && node.driver().backing().isEmpty();
  }

  /** The end of the last whole unit; the disk's last unit is whole where the disk ends. */
  private long unitEnd(long end) {
    return end == node.size() ? end : Ranges.alignDown(end, unitBytes);
  }

  /** Writes zeros in bounded pieces, except where the chain is known to read as zeros. */
  private void write(long offset, long length) throws IOException {
    long end = offset + length;
    for (long at = offset; at < end; ) {
      at += writePiece(at, Math.min(end - at, Zeros.MAX_BYTES));
    }
  }

  private long writePiece(long offset, long length) throws IOException {
    Extent extent = ChainExtents.find(node, offset, length);
    if (extent.zero()) {
      return extent.length();
    }
    long inPlace = writer.zeroInPlace(offset, extent.length());
    if (inPlace > 0) {
      return inPlace;
    }
    IoVector zeros = Zeros.vector(extent.length());
    writer.write(VectorTransfer.INSTANCE, offset, zeros, 0, extent.length());
    return extent.length();
  }
}
