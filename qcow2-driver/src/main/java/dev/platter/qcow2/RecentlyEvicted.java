package dev.platter.qcow2;

/**
 * Remembers which slices were evicted not long ago, in a fixed number of bytes: a slice that comes
 * back soon has been needed at two times far apart, as one that a scan reads never is.
 *
 * <p>A table in which each slice has one place. A slice may be forgotten early, when another takes
 * its place, and, once in four thousand million, taken for another: both cost a miss at worst.
 *
 * <p>Threads: one at a time.
 */
final class RecentlyEvicted {
  private static final long MULTIPLIER = 0x9E37_79B9_7F4A_7C15L;

  private final int tableBits;
  private long[] table = {};
  private int sequence;

  /**
   * @param count how many slices to remember, at least 1; rounded up to a power of two
   */
  RecentlyEvicted(int count) {
    this.tableBits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(count, 2) - 1);
  }

  /** Begins to remember, and to take {@link #maximumBytes()}. */
  void begin() {
    if (table.length == 0) {
      table = new long[1 << tableBits];
    }
  }

  /** What this takes once it has begun. */
  int maximumBytes() {
    return HeapBytes.array((long) Long.BYTES << tableBits);
  }

  int heldBytes() {
    return table.length == 0 ? 0 : maximumBytes();
  }

  /** Remembers a slice, if it has begun to. */
  void add(long sliceNumber) {
    if (table.length > 0) {
      sequence++;
      table[place(sliceNumber)] = ((long) sequence << 32) | print(sliceNumber);
    }
  }

  /**
   * Whether a slice was added and since then fewer than {@code window} others were; forgets it.
   *
   * @param window at least 1
   */
  boolean take(long sliceNumber, int window) {
    if (table.length == 0) {
      return false;
    }
    long found = table[place(sliceNumber)];
    if (found == 0 || (found & 0xffff_ffffL) != print(sliceNumber)) {
      return false;
    }
    table[place(sliceNumber)] = 0;
    return sequence - (int) (found >>> 32) < window;
  }

  private int place(long sliceNumber) {
    return (int) ((sliceNumber * MULTIPLIER) >>> (Long.SIZE - tableBits));
  }

  /** Never 0, so that no place that is taken looks empty. */
  private static long print(long sliceNumber) {
    return ((sliceNumber * MULTIPLIER) & 0xffff_ffffL) | 1;
  }
}
