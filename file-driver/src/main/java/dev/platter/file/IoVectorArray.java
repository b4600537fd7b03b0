package dev.platter.file;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.List;

/**
 * What is left of a list of native segments, as arrays of {@code struct iovec} of at most {@link
 * LibC#IOV_MAX} elements.
 *
 * <p>The array holds bare addresses. So segments are checked here as the JDK would check them on a
 * call, and those that a collector looks after are kept until the call is over.
 */
final class IoVectorArray {
  private final List<MemorySegment> segments;
  private final MemorySegment array = ThreadBuffers.current().ioVectors();
  private int index;
  private long consumed;

  /**
   * @throws IllegalStateException if a segment has been freed
   * @throws WrongThreadException if a segment belongs to another thread
   */
  IoVectorArray(List<MemorySegment> segments) {
    this.segments = segments;
    for (MemorySegment segment : segments) {
      if (!segment.scope().isAlive()) {
        throw new IllegalStateException("a segment of the vector has been freed");
      }
      if (!segment.isAccessibleBy(Thread.currentThread())) {
        throw new WrongThreadException("a segment of the vector belongs to another thread");
      }
    }
  }

  /** The thread's array, of one element that names this native segment. */
  static MemorySegment ofOne(MemorySegment segment) {
    MemorySegment array = ThreadBuffers.current().ioVectors();
    set(array, 0, segment.address(), segment.byteSize());
    return array;
  }

  /** Reads into what is left, and leaves behind what was read. */
  long read(HostTransfers transfers, int fd, long offset) {
    try {
      return advance(transfers.readVector(fd, array, fill(), offset));
    } finally {
      Reference.reachabilityFence(segments);
    }
  }

  /** Writes what is left, and leaves behind what was written. */
  long write(HostTransfers transfers, int fd, long offset) {
    try {
      return advance(transfers.writeVector(fd, array, fill(), offset));
    } finally {
      Reference.reachabilityFence(segments);
    }
  }

  /** {@link LibC#preadvNow} into what is left, which stays left. */
  long readNow(int fd, long offset) {
    try {
      return LibC.preadvNow(fd, array, fill(), offset, array);
    } finally {
      Reference.reachabilityFence(segments);
    }
  }

  /** {@link LibC#whyNotNow} for what is left. */
  long whyNotNow(int fd, long offset) {
    try {
      return LibC.whyNotNow(fd, array, fill(), offset, array);
    } finally {
      Reference.reachabilityFence(segments);
    }
  }

  /** Writes the next elements to {@code array} and returns how many. */
  private int fill() {
    int count = 0;
    long skipped = consumed;
    for (int i = index; i < segments.size() && count < LibC.IOV_MAX; i++) {
      MemorySegment segment = segments.get(i);
      long length = segment.byteSize() - skipped;
      if (length > 0) {
        set(array, count, segment.address() + skipped, length);
        count++;
      }
      skipped = 0;
    }
    return count;
  }

  private static void set(MemorySegment array, int index, long address, long length) {
    long element = (long) index * LibC.IOVEC_BYTES;
    array.set(JAVA_LONG, element, address);
    array.set(JAVA_LONG, element + Long.BYTES, length);
  }

  private long advance(long transferred) {
    consumed += Math.max(0, transferred);
    while (index < segments.size() && consumed >= segments.get(index).byteSize()) {
      consumed -= segments.get(index).byteSize();
      index++;
    }
    return transferred;
  }

  /** Fills all that is left. */
  void fillRest(byte value) {
    for (int i = index; i < segments.size(); i++) {
      segments.get(i).asSlice(i == index ? consumed : 0).fill(value);
    }
  }
}
