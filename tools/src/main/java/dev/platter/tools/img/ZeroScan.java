package dev.platter.tools.img;

import java.lang.foreign.MemorySegment;

/** Looks for bytes that are not zero. */
final class ZeroScan {
  private static final byte[] ZEROS = new byte[1 << 16];
  private static final MemorySegment ZERO_SEGMENT = MemorySegment.ofArray(ZEROS);

  private ZeroScan() {}

  /** The index of the first byte of the range that is not zero, from its start; -1 if all are. */
  static long firstNonZero(byte[] bytes, int from, int length) {
    MemorySegment range = MemorySegment.ofArray(bytes).asSlice(from, length);
    for (long at = 0; at < length; at += ZEROS.length) {
      long part = Math.min(ZEROS.length, length - at);
      long index = range.asSlice(at, part).mismatch(ZERO_SEGMENT.asSlice(0, part));
      if (index >= 0) {
        return at + index;
      }
    }
    return -1;
  }

  /** Whether all bytes of the range are zero. */
  static boolean allZero(byte[] bytes, int from, int length) {
    return firstNonZero(bytes, from, length) < 0;
  }
}
