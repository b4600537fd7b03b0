package dev.platter.tools.img;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The memory that a copy goes through: a few buffers, of which the one used last is used next, so
 * that it is found in the processor's cache. Threads: any number.
 *
 * <p>Who finds none goes on once half of them are free, and not at every one: to be woken takes
 * about as long as to fill a buffer.
 */
final class CopyBuffers {
  private static final int ALIGNMENT_BYTES = 4096;

  private final Arena memory;
  private final long bufferBytes;
  private final int most;
  private final Deque<MemorySegment> free = new ArrayDeque<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int made;
  private boolean ended;

  /**
   * @param memory what buffers are taken from
   * @param bufferBytes the size of each
   * @param most how many there are: at least twice as many as threads that keep one while they take
   *     another's
   */
  CopyBuffers(Arena memory, long bufferBytes, int most) {
    this.memory = memory;
    this.bufferBytes = bufferBytes;
    this.most = most;
  }

  /** A buffer with arbitrary contents, waited for; empty if nobody is to go on any more. */
  Optional<MemorySegment> take() {
    lock.lock();
    try {
      while (!ended && free.isEmpty() && made == most) {
        changed.awaitUninterruptibly();
      }
      if (ended) {
        return Optional.empty();
      }
      if (free.isEmpty()) {
        MemorySegment buffer = memory.allocate(bufferBytes, ALIGNMENT_BYTES);
        made++;
        return Optional.of(buffer);
      }
      return Optional.of(free.pop());
    } finally {
      lock.unlock();
    }
  }

  /** Gives back what {@link #take} returned. */
  void give(MemorySegment buffer) {
    lock.lock();
    try {
      free.push(buffer);
      if (free.size() >= most / 2) {
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Nobody is to go on any more. */
  void end() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
