package dev.platter.tools.img;

import java.lang.foreign.MemorySegment;

/** Looks for bytes that are not zero. */
final class ZeroScan {
  private static final int ZERO_BYTES = 1 << 16;
  private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[ZERO_BYTES]);

  private ZeroScan() {}

  /** The index of the first byte that is not zero; -1 if all are. */
  static long firstNonZero(MemorySegment bytes) {
    for (long at = 0; at < bytes.byteSize(); at += ZERO_BYTES) {
      long part = Math.min(ZERO_BYTES, bytes.byteSize() - at);
      long index = bytes.asSlice(at, part).mismatch(ZEROS.asSlice(0, part));
      if (index >= 0) {
        return at + index;
      }
    }
    return -1;
  }
}
