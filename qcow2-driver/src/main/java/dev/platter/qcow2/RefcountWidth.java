package dev.platter.qcow2;

import java.nio.ByteBuffer;

/**
 * Refcounts of one width in a refcount block (specification: "Refcount block entry").
 *
 * <p>Counts of less than a byte share one: the first lies in its least significant bits. Wider ones
 * are big-endian.
 *
 * @param order log2 of the bits of one refcount, 0 to 6
 */
record RefcountWidth(int order) {

  /** Reads a refcount; of 64 bits as an unsigned number. */
  long get(ByteBuffer block, int index) {
    return switch (order) {
      case 3 -> block.get(index) & 0xffL;
      case 4 -> block.getShort(index << 1) & 0xffffL;
      case 5 -> block.getInt(index << 2) & 0xffff_ffffL;
      case 6 -> block.getLong(index << 3);
      default -> block.get(byteIndex(index)) >> shift(index) & mask();
    };
  }

  /** Stores a refcount that fits. */
  void set(ByteBuffer block, int index, long value) {
    switch (order) {
      case 3 -> block.put(index, (byte) value);
      case 4 -> block.putShort(index << 1, (short) value);
      case 5 -> block.putInt(index << 2, (int) value);
      case 6 -> block.putLong(index << 3, value);
      default -> {
        int others = block.get(byteIndex(index)) & ~(mask() << shift(index));
        block.put(byteIndex(index), (byte) (others | (int) value << shift(index)));
      }
    }
  }

  private int byteIndex(int index) {
    return index >> (3 - order);
  }

  private int shift(int index) {
    return (index & ((1 << (3 - order)) - 1)) << order;
  }

  private int mask() {
    return (1 << (1 << order)) - 1;
  }
}
