package dev.platter.file;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;

/** Transfers by the queue of one thread. Threads: that one. */
final class ThreadQueue implements HostTransfers {
  private static final int EINTR = 4;

  private final RequestQueue queue;

  /** The one vector of plain requests. */
  private final MemorySegment vector = Arena.ofAuto().allocate(LibC.IOVEC_BYTES, Long.BYTES);

  ThreadQueue(RequestQueue queue) {
    this.queue = queue;
  }

  boolean usable() {
    return queue.usable();
  }

  @Override
  public long read(int fd, MemorySegment dst, long offset) {
    return single(false, fd, dst, offset);
  }

  @Override
  public long write(int fd, MemorySegment src, long offset) {
    return single(true, fd, src, offset);
  }

  @Override
  public long readOwn(int fd, MemorySegment dst, long offset) {
    return single(false, fd, dst, offset);
  }

  @Override
  public long writeOwn(int fd, MemorySegment src, long offset) {
    return single(true, fd, src, offset);
  }

  @Override
  public long readVector(int fd, MemorySegment vectors, int count, long offset) {
    return perform(false, fd, vectors, count, offset, vectors);
  }

  @Override
  public long writeVector(int fd, MemorySegment vectors, int count, long offset) {
    return perform(true, fd, vectors, count, offset, vectors);
  }

  private long single(boolean write, int fd, MemorySegment memory, long offset) {
    vector.set(JAVA_LONG, 0, memory.address());
    vector.set(JAVA_LONG, Long.BYTES, memory.byteSize());
    return perform(write, fd, vector, 1, offset, memory);
  }

  private long perform(
      boolean write, int fd, MemorySegment vectors, int count, long offset, MemorySegment kept) {
    long result;
    try {
      do {
        result = queue.perform(write, fd, vectors, count, offset, kept);
      } while (result == -EINTR);
    } finally {
      Reference.reachabilityFence(kept);
    }
    return result;
  }
}
