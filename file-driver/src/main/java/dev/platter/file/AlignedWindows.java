package dev.platter.file;

import dev.platter.api.Ranges;
import java.lang.foreign.MemorySegment;

/**
 * A range of a file, rounded out to whole units of direct I/O, and seen through one window after
 * the other, each of which fits in the calling thread's bounce buffer.
 */
final class AlignedWindows {
  private final long from;
  private final long to;
  private final long lastEnd;
  private final MemorySegment bounce;
  private long start;
  private long end;

  /** Begins before the first window of the range. */
  AlignedWindows(long offset, long length, int unitBytes) {
    this.from = offset;
    this.to = offset + length;
    this.lastEnd = Ranges.alignUp(to, unitBytes);
    this.end = Ranges.alignDown(from, unitBytes);
    this.bounce = ThreadBuffers.current().bounce(lastEnd - end);
  }

  /** Moves to the next window; false if there is none. */
  boolean next() {
    start = end;
    end = Math.min(start + bounce.byteSize(), lastEnd);
    return start < to;
  }

  /** Where the window begins in the file. */
  long start() {
    return start;
  }

  /** Where it ends. */
  long end() {
    return end;
  }

  /** Memory for all of the window, aligned for direct I/O. */
  MemorySegment buffer() {
    return bounce.asSlice(0, end - start);
  }

  /** The part of {@link #buffer()} that belongs to the range. */
  MemorySegment wanted() {
    long first = Math.max(from, start);
    return bounce.asSlice(first - start, Math.min(to, end) - first);
  }

  /** Whether the range begins within the window's first unit. */
  boolean cutsFirstUnit() {
    return from > start;
  }

  /** Whether the range ends within the window's last unit. */
  boolean cutsLastUnit() {
    return to < end;
  }
}
