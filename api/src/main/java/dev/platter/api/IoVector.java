package dev.platter.api;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * An ordered list of memory segments that one request transfers: guest memory, typically.
 *
 * <p>Immutable. The segments themselves stay the caller's and must not be freed during a call.
 */
public final class IoVector {
  private final List<MemorySegment> segments;
  private final long byteSize;

  private IoVector(List<MemorySegment> segments) {
    this.segments = segments;
    long sum = 0;
    for (MemorySegment segment : segments) {
      sum = Math.addExact(sum, segment.byteSize());
    }
    this.byteSize = sum;
  }

  /** A vector of these segments, in this order. */
  public static IoVector of(MemorySegment... segments) {
    return new IoVector(List.of(segments));
  }

  /** A vector of these segments, in this order. The list is copied. */
  public static IoVector of(List<MemorySegment> segments) {
    return new IoVector(List.copyOf(segments));
  }

  /** The segments, in order; unmodifiable. */
  public List<MemorySegment> segments() {
    return segments;
  }

  /** The sum of the segments' sizes in bytes. */
  public long byteSize() {
    return byteSize;
  }

  /**
   * The bytes {@code [offset, offset + length)} of this vector, as a vector that shares its memory.
   *
   * @throws IndexOutOfBoundsException if the range does not lie within the vector
   */
  public IoVector slice(long offset, long length) {
    java.util.Objects.checkFromIndexSize(offset, length, byteSize);
    if (offset == 0 && length == byteSize) {
      return this;
    }
    List<MemorySegment> cut = new ArrayList<>(segments.size());
    long start = offset;
    long left = length;
    for (MemorySegment segment : segments) {
      if (left == 0) {
        break;
      }
      if (start >= segment.byteSize()) {
        start -= segment.byteSize();
        continue;
      }
      long take = Math.min(left, segment.byteSize() - start);
      cut.add(segment.asSlice(start, take));
      start = 0;
      left -= take;
    }
    return new IoVector(List.copyOf(cut));
  }

  @Override
  public String toString() {
    return "IoVector[" + segments.size() + " segments, " + byteSize + " bytes]";
  }
}
