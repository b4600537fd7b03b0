package dev.platter.tck.fake;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.Preallocation;
import dev.platter.api.Ranges;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.ForwardingNode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;

/**
 * A file on a host that has only so much space left: what has a place keeps it and can be written
 * over at any time, and what needs a new one fails with {@link Errno#ENOSPC} once the space is used
 * up. A write that fails writes nothing. Punched and cut off space comes back.
 *
 * <p>Space is counted in sectors of 512 bytes. What the node below holds at first has its place, be
 * it zeros or not, up to its end at that time.
 *
 * <p>Threads: any number; one request at a time.
 */
public final class CrowdedNode extends ForwardingNode {
  private static final int SECTOR_BYTES = 512;

  private final BitSet placed = new BitSet();
  private long leftSectors;

  /**
   * A file with some space left.
   *
   * @param below closed with this node; at most a terabyte
   * @param leftBytes a multiple of 512
   */
  public CrowdedNode(BlockNode below, long leftBytes) {
    super(below.name(), below);
    placed.set(0, end(0, below.size()));
    leftSectors = leftBytes / SECTOR_BYTES;
  }

  /** Makes more space. */
  public synchronized void free(long bytes) {
    leftSectors += bytes / SECTOR_BYTES;
  }

  /** How much space is left, in bytes. */
  public synchronized long leftBytes() {
    return leftSectors * SECTOR_BYTES;
  }

  @Override
  public synchronized void write(long offset, MemorySegment src) throws IOException {
    place(offset, src.byteSize());
    super.write(offset, src);
  }

  @Override
  public synchronized void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    if (mode == ZeroMode.KEEP_ALLOCATED) {
      place(offset, length);
    }
    super.writeZeroes(offset, length, mode);
    if (mode == ZeroMode.MAY_UNMAP) {
      unplace(offset, length);
    }
  }

  @Override
  public synchronized void discard(long offset, long length) throws IOException {
    super.discard(offset, length);
    unplace(offset, length);
  }

  @Override
  public synchronized void resize(long newSize, Preallocation preallocation) throws IOException {
    long oldSize = size();
    if (preallocation != Preallocation.OFF && newSize > oldSize) {
      place(oldSize, newSize - oldSize);
    }
    super.resize(newSize, preallocation);
    unplace(newSize, Math.max(0, oldSize - newSize));
  }

  /** {@inheritDoc} A range without a place is a hole. */
  @Override
  public synchronized Extent extent(long offset, long length) throws IOException {
    Ranges.check(name(), size(), offset, length);
    int sector = start(offset);
    boolean here = placed.get(sector);
    long next = here ? placed.nextClearBit(sector) : placed.nextSetBit(sector);
    long run = next < 0 ? length : Math.min(length, next * SECTOR_BYTES - offset);
    return here ? Extent.data(offset, run, offset, name()) : Extent.zero(offset, run);
  }

  @Override
  public void close() throws IOException {
    below().close();
  }

  private void place(long offset, long length) throws BlockIoException {
    BitSet needed = new BitSet();
    needed.set(start(offset), end(offset, length));
    needed.andNot(placed);
    if (needed.cardinality() > leftSectors) {
      throw new BlockIoException(
          name(), "write of %d bytes at 0x%x".formatted(length, offset), Errno.ENOSPC);
    }
    leftSectors -= needed.cardinality();
    placed.or(needed);
  }

  /** Gives back the sectors that lie in the range as a whole. */
  private void unplace(long offset, long length) {
    int from = end(0, offset);
    int to = start(offset + length);
    if (from < to) {
      leftSectors += placed.get(from, to).cardinality();
      placed.clear(from, to);
    }
  }

  private static int start(long offset) {
    return Math.toIntExact(offset / SECTOR_BYTES);
  }

  /** The sector behind the range; the first of it if there is none. */
  private static int end(long offset, long length) {
    return length == 0 ? start(offset) : start(offset + length + SECTOR_BYTES - 1);
  }
}
