package dev.platter.tck.fake;

import dev.platter.api.IoVector;
import java.lang.foreign.MemorySegment;

/** Copies between a vector and one segment: a fake need not save the copy. */
final class Vectors {
  private Vectors() {}

  static MemorySegment join(IoVector vector) {
    MemorySegment joined = MemorySegment.ofArray(new byte[Math.toIntExact(vector.byteSize())]);
    long at = 0;
    for (MemorySegment segment : vector.segments()) {
      MemorySegment.copy(segment, 0, joined, at, segment.byteSize());
      at += segment.byteSize();
    }
    return joined;
  }

  static void scatter(MemorySegment joined, IoVector vector) {
    long at = 0;
    for (MemorySegment segment : vector.segments()) {
      MemorySegment.copy(joined, at, segment, 0, segment.byteSize());
      at += segment.byteSize();
    }
  }
}
