package dev.platter.qcow2;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Bits that are set and never cleared. Kept in chunks of 4 KiB, each of which exists once one of
 * its bits is set: a disk of 1 TiB with a bit for every 64 KiB takes 2 MiB at most.
 *
 * <p>Threads: any number, without a lock.
 */
final class DirtyBits {
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int CHUNK_BITS = 15;
  private static final int WORDS_PER_CHUNK = 1 << (CHUNK_BITS - 6);

  private final long bitCount;
  private final AtomicReferenceArray<long[]> chunks;
  private volatile boolean any;

  /**
   * @param bitCount at most 2^32, as for the largest bitmap that an image may hold
   */
  DirtyBits(long bitCount) {
    this.bitCount = bitCount;
    this.chunks =
        new AtomicReferenceArray<>(Math.toIntExact(Math.ceilDiv(bitCount, 1L << CHUNK_BITS)));
  }

  /** The same bits, as far as they lie below another count. */
  DirtyBits resized(long newBitCount) {
    DirtyBits copy = new DirtyBits(newBitCount);
    long end = Math.min(bitCount, newBitCount);
    for (long bit = nextSet(0, end); bit < end; bit = nextSet(bit + 1, end)) {
      copy.set(bit, bit + 1);
    }
    return copy;
  }

  /** What it takes at most. */
  long memoryBytes() {
    return Math.ceilDiv(bitCount, Byte.SIZE);
  }

  /** Whether no bit is set. */
  boolean isEmpty() {
    return !any;
  }

  /** Sets the bits from {@code first} up to, and without, {@code end}. */
  void set(long first, long end) {
    long bit = first;
    while (bit < end) {
      long wordEnd = Math.min(end, (bit | 63) + 1);
      long mask = (-1L << bit) & (-1L >>> -wordEnd);
      long[] chunk = chunk((int) (bit >>> CHUNK_BITS));
      int index = (int) (bit >>> 6) & (WORDS_PER_CHUNK - 1);
      if (((long) WORDS.getVolatile(chunk, index) & mask) != mask) {
        WORDS.getAndBitwiseOr(chunk, index, mask);
      }
      bit = wordEnd;
    }
    if (!any && first < end) {
      any = true;
    }
  }

  /** The first bit from {@code from} on that is set; {@code end} if there is none below it. */
  long nextSet(long from, long end) {
    long bit = from;
    long limit = any ? Math.min(end, bitCount) : from;
    while (bit < limit) {
      long[] chunk = chunks.get((int) (bit >>> CHUNK_BITS));
      if (chunk == null) {
        bit = ((bit >>> CHUNK_BITS) + 1) << CHUNK_BITS;
        continue;
      }
      int index = (int) (bit >>> 6) & (WORDS_PER_CHUNK - 1);
      long word = (long) WORDS.getVolatile(chunk, index) & (-1L << bit);
      if (word != 0) {
        return Math.min(end, (bit & -64L) + Long.numberOfTrailingZeros(word));
      }
      bit = (bit | 63) + 1;
    }
    return end;
  }

  /**
   * Sets in {@code bits} those that are set here, from bit {@code first} on: bit 0 is the lowest of
   * the first byte.
   *
   * @param first the bit that the lowest of the first byte stands for
   */
  void addTo(long first, byte[] bits) {
    long end = Math.min(bitCount, first + 8L * bits.length);
    for (long bit = nextSet(first, end); bit < end; bit = nextSet(bit + 1, end)) {
      int at = (int) (bit - first);
      bits[at >>> 3] |= (byte) (1 << (at & 7));
    }
  }

  private long[] chunk(int index) {
    long[] known = chunks.get(index);
    if (known != null) {
      return known;
    }
    long bits = Math.min(1L << CHUNK_BITS, bitCount - ((long) index << CHUNK_BITS));
    long[] made = new long[(int) Math.ceilDiv(bits, 64)];
    return chunks.compareAndSet(index, null, made) ? made : chunks.get(index);
  }
}
