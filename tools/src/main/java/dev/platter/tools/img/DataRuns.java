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

  /** The run of sectors that are all zero, or all not, with its end aligned. */
  private Run aligned(MemorySegment bytes, LongBuffer words, long from, long offset) {
    long to = bytes.byteSize();
    boolean zero = sectorIsZero(bytes, words, from);
    long end = from + SECTOR_BYTES;
    while (end < to && sectorIsZero(bytes, words, end) == zero) {
      end += SECTOR_BYTES;
    }
    if (end >= to) {
      return new Run(to - from, !zero);
    }
    long length = end - from;
    int tail = (int) ((offset + length) % alignmentBytes);
    if (tail == 0) {
      return new Run(length, !zero);
    }
    return zero && length > tail
        ? new Run(length - tail, false)
        : new Run(Math.min(length + alignmentBytes - tail, to - from), true);
  }

  /**
   * Whether a sector is all zeros.
   *
   * @param words the same bytes: of a sector that is not zero, the first word most often says so,
   *     and code that has not been optimised yet reads it faster from a buffer than from a segment
   */
  private static boolean sectorIsZero(MemorySegment bytes, LongBuffer words, long from) {
    int word = (int) (from / Long.BYTES);
    return (word >= words.limit() || words.get(word) == 0)
        && ZeroScan.allZero(bytes, from, Math.min(SECTOR_BYTES, bytes.byteSize() - from));
  }
}
