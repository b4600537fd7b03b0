package dev.platter.qcow2;

import java.nio.ByteBuffer;

/**
 * A refcount block in memory, as it stands in the image (specification: "Host cluster management"),
 * and which part of it the image does not hold yet.
 *
 * <p>Threads: under the metadata lock.
 */
final class RefcountBlock {
  /** Parts of a block are written in units of this many bytes. */
  private static final int WRITE_UNIT_BYTES = 512;

  private final long tableIndex;
  private final long hostOffset;
  private final RefcountWidth width;
  private final ByteBuffer bytes;
  private final long ones;
  private final long tops;
  private int dirtyFrom = Integer.MAX_VALUE;
  private int dirtyTo;
  private boolean writing;
  private boolean used = true;

  /**
   * @param tableIndex the block's index in the refcount table
   * @param hostOffset where it lies
   * @param bytes its contents, from position 0 on; becomes the block's own
   */
  RefcountBlock(long tableIndex, long hostOffset, RefcountWidth width, ByteBuffer bytes) {
    this.tableIndex = tableIndex;
    this.hostOffset = hostOffset;
    this.width = width;
    this.bytes = bytes;
    int bits = 1 << width.order();
    this.ones = Long.divideUnsigned(-1L, -1L >>> (Long.SIZE - bits));
    this.tops = ones << (bits - 1);
  }

  long tableIndex() {
    return tableIndex;
  }

  long hostOffset() {
    return hostOffset;
  }

  /** How many counts there are. */
  int entryCount() {
    return (int) (((long) bytes.capacity() * Byte.SIZE) >>> width.order());
  }

  /** The count at an index, as an unsigned number. */
  long get(int index) {
    return width.get(bytes, index);
  }

  /** The largest count that fits, as an unsigned number. */
  long maximum() {
    return -1L >>> (Long.SIZE - (1 << width.order()));
  }

  /** Sets the count at an index, which must fit, and marks it dirty. */
  void set(int index, long count) {
    width.set(bytes, index, count);
    int from = byteIndex(index) & -WRITE_UNIT_BYTES;
    dirtyFrom = Math.min(dirtyFrom, from);
    dirtyTo = Math.max(dirtyTo, from + WRITE_UNIT_BYTES);
  }

  /** The first index at or behind {@code from} whose count is zero; the entry count if none is. */
  int nextFree(int from) {
    int index = from;
    while (index < entryCount()) {
      if (wordAligned(index) && allUsed(index)) {
        index += entriesPerWord();
      } else if (get(index) == 0) {
        return index;
      } else {
        index++;
      }
    }
    return entryCount();
  }

  /** How many counts from {@code from} on are zero, at most {@code maximum}. */
  int freeRun(int from, int maximum) {
    int end = (int) Math.min(entryCount(), (long) from + maximum);
    int index = from;
    while (index < end && get(index) == 0) {
      index++;
    }
    return index - from;
  }

  boolean dirty() {
    return dirtyFrom < dirtyTo;
  }

  /** Marks all of the block dirty. */
  void markDirty() {
    dirtyFrom = 0;
    dirtyTo = bytes.capacity();
  }

  /** A copy of what is dirty, to be written at {@link #dirtyOffset()}. */
  ByteBuffer dirtyBytes() {
    int length = dirtyTo - dirtyFrom;
    return ByteBuffer.allocate(length).put(0, bytes, dirtyFrom, length);
  }

  /** Where in the file the dirty part begins. */
  long dirtyOffset() {
    return hostOffset + dirtyFrom;
  }

  void markClean() {
    dirtyFrom = Integer.MAX_VALUE;
    dirtyTo = 0;
  }

  /** Whether a copy of the block is on its way to the file: then the block must stay. */
  boolean writing() {
    return writing;
  }

  void writing(boolean value) {
    writing = value;
  }

  void touch() {
    used = true;
  }

  /** Whether the block was used since the last cleaning; forgets it. */
  boolean takeUsed() {
    boolean was = used;
    used = false;
    return was;
  }

  private int byteIndex(int index) {
    return (int) (((long) index << width.order()) / Byte.SIZE);
  }

  private int entriesPerWord() {
    return Long.SIZE >>> width.order();
  }

  private boolean wordAligned(int index) {
    return (index & (entriesPerWord() - 1)) == 0;
  }

  /** Whether no count of an aligned word is zero. */
  private boolean allUsed(int index) {
    long word = bytes.getLong(byteIndex(index));
    // Subtracting one from each count borrows into the top bit of the lowest count that is zero.
    return ((word - ones) & ~word & tops) == 0;
  }
}
