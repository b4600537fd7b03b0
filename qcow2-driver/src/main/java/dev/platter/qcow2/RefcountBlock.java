package dev.platter.qcow2;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A refcount block in memory, as it stands in the image (specification: "Host cluster management").
 * Counts of less than a byte fill each byte from its least significant bits.
 *
 * <p>Threads: under the metadata lock.
 */
final class RefcountBlock {
  private static final VarHandle SHORTS =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Parts of a block are written in units of this many bytes. */
  private static final int WRITE_UNIT_BYTES = 512;

  private final long tableIndex;
  private final long hostOffset;
  private final int refcountOrder;
  private final byte[] bytes;
  private final long ones;
  private final long tops;
  private int dirtyFrom = Integer.MAX_VALUE;
  private int dirtyTo;
  private boolean writing;
  private boolean used = true;

  /**
   * @param tableIndex the block's index in the refcount table
   * @param hostOffset where it lies
   * @param bytes its contents; becomes the block's own
   */
  RefcountBlock(long tableIndex, long hostOffset, int refcountOrder, byte[] bytes) {
    this.tableIndex = tableIndex;
    this.hostOffset = hostOffset;
    this.refcountOrder = refcountOrder;
    this.bytes = bytes;
    this.ones = Long.divideUnsigned(-1L, mask());
    this.tops = ones << ((1 << refcountOrder) - 1);
  }

  long tableIndex() {
    return tableIndex;
  }

  long hostOffset() {
    return hostOffset;
  }

  /** How many counts there are. */
  int entryCount() {
    return (int) (((long) bytes.length * Byte.SIZE) >>> refcountOrder);
  }

  /** The count at an index, as an unsigned number. */
  long get(int index) {
    return switch (refcountOrder) {
      case 6 -> (long) LONGS.get(bytes, index << 3);
      case 5 -> (int) INTS.get(bytes, index << 2) & 0xffff_ffffL;
      case 4 -> (short) SHORTS.get(bytes, index << 1) & 0xffffL;
      default -> ((bytes[byteIndex(index)] & 0xff) >>> shift(index)) & mask();
    };
  }

  /** Sets the count at an index, which must fit, and marks it dirty. */
  void set(int index, long count) {
    switch (refcountOrder) {
      case 6 -> LONGS.set(bytes, index << 3, count);
      case 5 -> INTS.set(bytes, index << 2, (int) count);
      case 4 -> SHORTS.set(bytes, index << 1, (short) count);
      default -> {
        int at = byteIndex(index);
        int cleared = bytes[at] & ~((int) mask() << shift(index));
        bytes[at] = (byte) (cleared | (int) count << shift(index));
      }
    }
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
    dirtyTo = bytes.length;
  }

  /** A copy of what is dirty, to be written at {@link #dirtyOffset()}. */
  ByteBuffer dirtyBytes() {
    return ByteBuffer.allocate(dirtyTo - dirtyFrom)
        .put(bytes, dirtyFrom, dirtyTo - dirtyFrom)
        .flip();
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
    return refcountOrder >= 3 ? index << (refcountOrder - 3) : index >>> (3 - refcountOrder);
  }

  private int shift(int index) {
    return refcountOrder >= 3 ? 0 : (index & ((1 << (3 - refcountOrder)) - 1)) << refcountOrder;
  }

  private long mask() {
    return -1L >>> (Long.SIZE - (1 << refcountOrder));
  }

  private int entriesPerWord() {
    return Long.SIZE >>> refcountOrder;
  }

  private boolean wordAligned(int index) {
    return (index & (entriesPerWord() - 1)) == 0;
  }

  /** Whether no count of an aligned word is zero. */
  private boolean allUsed(int index) {
    long word = (long) LONGS.get(bytes, byteIndex(index));
    // Subtracting one from each count borrows into the top bit of the lowest count that is zero.
    return ((word - ones) & ~word & tops) == 0;
  }
}
