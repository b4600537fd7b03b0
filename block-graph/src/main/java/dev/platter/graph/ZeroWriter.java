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
 * <p>Zeros can be had by the unit of mapping, which is the finer one: the parts of a unit of
 * allocation at either end are released by themselves, so that what cannot be done there does not
 * keep whole units from it.
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
  private final long mappingUnitBytes;

  ZeroWriter(FormatNode node, RangeLock ranges, ChainWriter writer, boolean unmaps) {
    this.node = node;
    this.ranges = ranges;
    this.writer = writer;
    this.unmaps = unmaps;
    this.unitBytes = node.driver().allocationUnitBytes();
    this.mappingUnitBytes = node.driver().mappingUnitBytes();
  }

  /** Makes guest bytes read as zeros. */
  void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    long end = offset + length;
    long start = Ranges.alignUp(offset, mappingUnitBytes);
    long stop = unitEnd(end, mappingUnitBytes);
    if (start >= stop) {
      write(offset, length);
      return;
    }
    boolean unmap = unmaps && mode == ZeroMode.MAY_UNMAP;
    ReleaseMode release = unmap ? ReleaseMode.ZERO_UNMAP : ReleaseMode.ZERO_KEEP;
    long wholeStart = Math.min(stop, Ranges.alignUp(start, unitBytes));
    long wholeStop = Math.max(wholeStart, unitEnd(stop, unitBytes));
    write(offset, start - offset);
    zeroUnits(start, wholeStart, release);
    zeroUnits(wholeStart, wholeStop, release);
    zeroUnits(wholeStop, stop, release);
    write(stop, end - stop);
  }

  /** Makes units read as zeros: whole units of allocation, or units of mapping within one. */
  private void zeroUnits(long start, long stop, ReleaseMode mode) throws IOException {
    if (start < stop && !release(start, stop, mode)) {
      write(start, stop - start);
    }
  }

  /** Frees the space of the whole units within a range, if discards are to be honoured. */
  void discard(long offset, long length) throws IOException {
    long start = Ranges.alignUp(offset, unitBytes);
    long stop = unitEnd(offset + length, unitBytes);
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
    long lockStart = Ranges.alignDown(start, unitBytes);
    long lockStop = Ranges.alignUp(stop, unitBytes);
    boolean whole = lockStart == start && (lockStop == stop || stop == node.size());
    try (RangeLock.Held _ = ranges.lock(lockStart, lockStop)) {
      return node.image().release(start, stop - start, mode)
          || (whole
              && nothingBelow()
              && node.image().release(start, stop - start, ReleaseMode.TO_BACKING));
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
  private long unitEnd(long end, long bytes) {
    return end == node.size() ? end : Ranges.alignDown(end, bytes);
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
