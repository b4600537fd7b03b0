package dev.platter.qcow2;

import java.util.Arrays;

/**
 * The bitmaps of the entries of an extended L2 slice. Most clusters are in one of few states, all
 * written, all zeros, or nothing: where there are few enough in a slice, each bitmap is kept as the
 * number of its state.
 *
 * <p>Immutable.
 */
final class SubclusterBitmaps {
  private static final int OBJECT_BYTES = HeapBytes.object(2 * HeapBytes.REFERENCE + Integer.BYTES);

  /** As many states as four bits can tell apart. */
  private static final int MAXIMUM_STATES = 16;

  private static final int RAW_BITS = Long.SIZE;
  private static final byte[] NO_CODES = {};

  /** The states; or, if the bitmaps are raw, the bitmaps. */
  private final long[] states;

  private final byte[] codes;

  /** Bits of a code: 0, 1, 2, 4, or {@link #RAW_BITS}. */
  private final int codeBits;

  private SubclusterBitmaps(long[] states, byte[] codes, int codeBits) {
    this.states = states;
    this.codes = codes;
    this.codeBits = codeBits;
  }

  /** What so many bitmaps take at most. */
  static int maximumBytes(int count) {
    return OBJECT_BYTES + HeapBytes.array((long) count * Long.BYTES) + HeapBytes.array(0);
  }

  /** The same bitmap for any number of entries. */
  static SubclusterBitmaps uniform(long bitmap) {
    return new SubclusterBitmaps(new long[] {bitmap}, NO_CODES, 0);
  }

  /**
   * Bitmaps, each kept as it is.
   *
   * @param bitmaps kept, and never changed from here on
   */
  static SubclusterBitmaps raw(long[] bitmaps) {
    return new SubclusterBitmaps(bitmaps, NO_CODES, RAW_BITS);
  }

  /**
   * Bitmaps in the smaller form.
   *
   * @param bitmaps may be kept: nobody changes them from here on; at least one
   */
  static SubclusterBitmaps smallest(long[] bitmaps) {
    long[] states = new long[MAXIMUM_STATES];
    byte[] numbers = new byte[bitmaps.length];
    int count = 0;
    for (int i = 0; i < bitmaps.length; i++) {
      int number = indexOf(bitmaps[i], states, count);
      if (number == MAXIMUM_STATES) {
        return raw(bitmaps);
      }
      if (number == count) {
        states[count] = bitmaps[i];
        count++;
      }
      numbers[i] = (byte) number;
    }
    int codeBits = count == 1 ? 0 : ceilPowerOfTwo(bitsFor(count - 1));
    return new SubclusterBitmaps(Arrays.copyOf(states, count), pack(numbers, codeBits), codeBits);
  }

  /** The bitmap of an entry. */
  long get(int index) {
    if (codeBits == RAW_BITS) {
      return states[index];
    }
    if (codeBits == 0) {
      return states[0];
    }
    int bit = index * codeBits;
    return states[codes[bit >>> 3] >>> (bit & 7) & ((1 << codeBits) - 1)];
  }

  /** Whether all are known to be this one. */
  boolean uniformly(long bitmap) {
    return codeBits == 0 && states[0] == bitmap;
  }

  /** Bytes of memory that they take, the objects that they consist of included. */
  int heldBytes() {
    return OBJECT_BYTES
        + HeapBytes.array((long) states.length * Long.BYTES)
        + HeapBytes.array(codes.length);
  }

  /** Where a bitmap stands among states; {@code count} if it does not. */
  private static int indexOf(long bitmap, long[] states, int count) {
    int index = 0;
    while (index < count && states[index] != bitmap) {
      index++;
    }
    return index;
  }

  private static byte[] pack(byte[] numbers, int codeBits) {
    if (codeBits == 0) {
      return NO_CODES;
    }
    byte[] codes = new byte[Math.ceilDiv(numbers.length * codeBits, Byte.SIZE)];
    for (int i = 0; i < numbers.length; i++) {
      int bit = i * codeBits;
      codes[bit >>> 3] |= (byte) (numbers[i] << (bit & 7));
    }
    return codes;
  }

  private static int ceilPowerOfTwo(int value) {
    return Integer.highestOneBit(2 * value - 1);
  }

  private static int bitsFor(int largest) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(largest);
  }
}
