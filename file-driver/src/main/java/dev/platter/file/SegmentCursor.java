package dev.platter.file;

import java.lang.foreign.MemorySegment;
import java.util.List;

/** Copies between a list of segments, from the first byte to the last, and a bounce buffer. */
final class SegmentCursor {
  private final List<MemorySegment> segments;
  private int index;
  private long consumed;

  SegmentCursor(List<MemorySegment> segments) {
    this.segments = segments;
  }

  /** Fills {@code buffer} with the next bytes of the segments, which must have as many left. */
  void gather(MemorySegment buffer) {
    for (long at = 0; at < buffer.byteSize(); ) {
      MemorySegment part = next(buffer.byteSize() - at);
      MemorySegment.copy(part, 0, buffer, at, part.byteSize());
      at += part.byteSize();
    }
  }

  /** Fills the next bytes of the segments with all of {@code buffer}. */
  void scatter(MemorySegment buffer) {
    for (long at = 0; at < buffer.byteSize(); ) {
      MemorySegment part = next(buffer.byteSize() - at);
      MemorySegment.copy(buffer, at, part, 0, part.byteSize());
      at += part.byteSize();
    }
  }

  private MemorySegment next(long atMost) {
    while (consumed == segments.get(index).byteSize()) {
      index++;
      consumed = 0;
    }
    MemorySegment segment = segments.get(index);
    long length = Math.min(atMost, segment.byteSize() - consumed);
    MemorySegment part = segment.asSlice(consumed, length);
    consumed += length;
    return part;
  }
}
