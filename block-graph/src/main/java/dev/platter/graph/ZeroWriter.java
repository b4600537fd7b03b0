package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.IoVector;
import dev.platter.api.Ranges;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import java.io.IOException;

/**
 * Zero-writes and discards of one image: whole units are released by the driver, under the range
 * lock; what is left over at the edges is written, or ignored by a discard.
 *
 * <p>Zeros can be had by the unit of mapping, which is the finer one: the parts of a unit of
 * allocation at either end are released by themselves, so that what cannot be done there does not
 * keep whole units from it. Of a unit that the image itself holds no bytes of, and of which all but
 * the range reads as zeros, the whole is released, as QEMU does.
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
    boolean unmap = unmaps && mode == ZeroMode.MAY_UNMAP;
    ReleaseMode release = unmap ? ReleaseMode.ZERO_UNMAP : ReleaseMode.ZERO_KEEP;
    if (start > stop || offset == end) {
      zeroPart(offset, length, release);
      return;
    }
    long wholeStart = Math.min(stop, Ranges.alignUp(start, unitBytes));
    long wholeStop = Math.max(wholeStart, unitEnd(stop, unitBytes));
    zeroPart(offset, start - offset, release);
    zeroUnits(start, wholeStart, release);
    zeroUnits(wholeStart, wholeStop, release);
    zeroUnits(wholeStop, stop, release);
    zeroPart(stop, end - stop, release);
  }

  /** Makes part of one unit of mapping read as zeros. */
  private void zeroPart(long offset, long length, ReleaseMode mode) throws IOException {
    if (length > 0 && !releaseRestToo(offset, length, mode)) {
      write(offset, length);
    }
  }

  private boolean releaseRestToo(long offset, long length, ReleaseMode mode) throws IOException {
    long start = Ranges.alignDown(offset, mappingUnitBytes);
    long stop = Math.min(node.size(), Ranges.alignUp(offset + length, mappingUnitBytes));
    try (RangeLock.Held _ = lock(start, stop)) {
      return holdsNothing(start, stop)
          && readsAsZeros(start, offset)
          && readsAsZeros(offset + length, stop)
          && releaseLocked(start, stop, mode);
    }
  }

  /** Whether the image itself stores no bytes of a range. */
  private boolean holdsNothing(long start, long stop) throws IOException {
    int token = node.image().enterFence();
    try {
      for (long at = start; at < stop; ) {
        Mapping mapping = node.image().map(at, stop - at);
        if (mapping instanceof Mapping.Data || mapping instanceof Mapping.Encoded) {
          return false;
        }
        at += mapping.length();
      }
      return true;
    } finally {
      node.image().exitFence(token);
    }
  }

  private boolean readsAsZeros(long start, long stop) throws IOException {
    for (long at = start; at < stop; ) {
      Extent extent = ChainExtents.find(node, at, stop - at);
      if (!extent.zero()) {
        return false;
      }
      at += extent.length();
    }
    return true;
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
    boolean backingShows = backingEnd > oldSize;
    long unitEnd =
        Math.min(end, Ranges.alignUp(oldSize, backingShows ? mappingUnitBytes : unitBytes));
    write(oldSize, unitEnd - oldSize);
    if (end > unitEnd) {
      writeZeroes(unitEnd, end - unitEnd, ZeroMode.MAY_UNMAP);
    }
    return end > oldSize;
  }

  private boolean release(long start, long stop, ReleaseMode mode) throws IOException {
    try (RangeLock.Held _ = lock(start, stop)) {
      return releaseLocked(start, stop, mode);
    }
  }

  private RangeLock.Held lock(long start, long stop) {
    return ranges.lock(Ranges.alignDown(start, unitBytes), Ranges.alignUp(stop, unitBytes));
  }

  private boolean releaseLocked(long start, long stop, ReleaseMode mode) throws IOException {
    boolean whole = start % unitBytes == 0 && (stop % unitBytes == 0 || stop == node.size());
    return node.image().release(start, stop - start, mode)
        || (whole
            && nothingBelow()
            && node.image().release(start, stop - start, ReleaseMode.TO_BACKING));
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
