package dev.platter.tools.img;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * Splits bytes that were read into runs to be written and runs of zeros to be left out.
 *
 * <p>A run of zeros counts if it is at least {@code sparseBytes} long. Runs change at multiples of
 * the largest power of two in {@code sparseBytes}, so that the target need not read what it is
 * about to write beside: data is extended to the next one, zeros end at the last one.
 */
final class DataRuns {
  private static final int SECTOR_BYTES = 512;
  private static final int STEP_BYTES = 64 << 10;

  private final int sparseBytes;
  private final int alignmentBytes;

  /**
   * @param sparseBytes a multiple of 512; 0 if all is data
   */
  DataRuns(int sparseBytes) {
    this.sparseBytes = sparseBytes;
    this.alignmentBytes = Math.max(Integer.highestOneBit(sparseBytes), SECTOR_BYTES);
  }

  /**
   * A run.
   *
   * @param length in bytes, at least 1
   * @param data whether it is to be written
   */
  record Run(long length, boolean data) {}

  /**
   * The run at the beginning of what follows {@code from}.
   *
   * @param offset guest offset of the byte at {@code from}, a multiple of 512
   */
  Run next(MemorySegment bytes, long from, long offset) {
    long to = bytes.byteSize();
    if (sparseBytes == 0) {
      return new Run(to - from, true);
    }
    LongBuffer words = bytes.asByteBuffer().order(ByteOrder.nativeOrder()).asLongBuffer();
    Run first = aligned(bytes, words, from, offset);
    if (!first.data()) {
      return first;
    }
    long dataEnd = from + first.length();
    long at = dataEnd;
    while (at < to) {
      Run run = aligned(bytes, words, at, offset + at - from);
      at += run.length();
      if (run.data()) {
        dataEnd = at;
      } else if (run.length() >= sparseBytes) {
        break;
      }
    }
    return new Run(dataEnd - from, true);
  }

  /** The run of blocks that are all zero, or all not. */
  private Run aligned(MemorySegment bytes, LongBuffer words, long from, long offset) {
    long to = bytes.byteSize();
    long end = Math.min(to, from + alignmentBytes - offset % alignmentBytes);
    boolean zero = isZero(bytes, words, from, end);
    long limit = end;
    while (end == limit && limit < to) {
      limit = Math.min(to, end + Math.max(alignmentBytes, STEP_BYTES));
      end = endOfAlike(bytes, words, end, limit, zero);
    }
    return new Run(end - from, !zero);
  }

  /**
   * Where blocks that are all zero, or all not, end, at a limit at the latest. A method that is
   * called often, for a short while, is compiled sooner than a long loop.
   */
  private long endOfAlike(
      MemorySegment bytes, LongBuffer words, long from, long limit, boolean zero) {
    long end = from;
    while (end < limit) {
      long next = Math.min(limit, end + alignmentBytes);
      if (isZero(bytes, words, end, next) != zero) {
        break;
      }
      end = next;
    }
    return end;
  }

  /**
   * Whether a block is all zeros.
   *
   * @param words the same bytes: of a block that is not zero, the first word most often says so,
   *     and code that has not been optimised yet reads it faster from a buffer than from a segment
   */
  private static boolean isZero(MemorySegment bytes, LongBuffer words, long from, long end) {
    int word = (int) (from / Long.BYTES);
    return (word >= words.limit() || words.get(word) == 0)
        && ZeroScan.firstNonZero(bytes.asSlice(from, end - from)) < 0;
  }
}
