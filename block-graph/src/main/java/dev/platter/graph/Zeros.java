package dev.platter.graph;

import dev.platter.api.IoVector;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;

/** Memory full of zeros, to write and to compare with. */
final class Zeros {
  /** The most bytes that {@link #vector} gives. */
  static final long MAX_BYTES = 2 << 20;

  private static final int SEGMENT_BYTES = 64 << 10;
  private static final MemorySegment SEGMENT =
      Arena.global().allocate(SEGMENT_BYTES, 4096).asReadOnly();

  private Zeros() {}

  /**
   * Zeros to write.
   *
   * @param length from 0 to {@link #MAX_BYTES}
   */
  static IoVector vector(long length) {
    int count = (int) ((length + SEGMENT_BYTES - 1) / SEGMENT_BYTES);
    return IoVector.of(Collections.nCopies(count, SEGMENT)).slice(0, length);
  }

  /** Whether the segment holds nothing but zeros. */
  static boolean fill(MemorySegment memory) {
    for (long at = 0; at < memory.byteSize(); at += SEGMENT_BYTES) {
      long end = Math.min(memory.byteSize(), at + SEGMENT_BYTES);
      if (MemorySegment.mismatch(memory, at, end, SEGMENT, 0, end - at) >= 0) {
        return false;
      }
    }
    return true;
  }
}
