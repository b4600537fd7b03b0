package dev.platter.graph;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Exclusive locks on ranges of guest bytes.
 *
 * <ul>
 *   <li>I1: the list holds every range that is locked or waited for, in the order of arrival.
 *   <li>I2: a range's {@code blockerCount} is the number of ranges before it in the list that
 *       overlap it; it is locked when that is zero. So overlapping ranges are served first come,
 *       first served, and a large range is not starved by small ones.
 *   <li>I3: waiting ignores interrupts and leaves the thread's interrupt status as it was.
 *   <li>I4: where there is no memory for a range's turn, nothing is locked: only what {@link #lock}
 *       returns is in the list, or waits to be.
 * </ul>
 *
 * <p>A thread that holds a range must not lock another one.
 */
final class RangeLock {
  private final ReentrantLock lock;
  private final Held list = new Held(0, 0); // head of a ring, covers nothing

  RangeLock() {
    this(new ReentrantLock());
  }

  /**
   * @param lock of the list, and of nothing else
   */
  RangeLock(ReentrantLock lock) {
    this.lock = lock;
  }

  /** Locks {@code [start, end)}; waits for those who came before. */
  Held lock(long start, long end) {
    Held held = new Held(start, end);
    lock.lock();
    try {
      for (Held other = list.next; other != list; other = other.next) {
        if (other.overlaps(held)) {
          held.blockerCount++;
        }
      }
      if (held.blockerCount > 0) {
        held.unblocked = lock.newCondition(); // before the range is there for others: see I4
      }
      held.linkBefore(list);
      while (held.blockerCount > 0) {
        held.unblocked.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
    return held;
  }

  /** A locked range; closing unlocks it, once. */
  final class Held implements AutoCloseable {
    private final long start;
    private final long end;
    private Held previous = this;
    private Held next = this;
    private int blockerCount;
    private Condition unblocked;

    private Held(long start, long end) {
      this.start = start;
      this.end = end;
    }

    @Override
    public void close() {
      lock.lock();
      try {
        for (Held other = next; other != list; other = other.next) {
          if (other.overlaps(this) && --other.blockerCount == 0) {
            other.unblocked.signal();
          }
        }
        previous.next = next;
        next.previous = previous;
      } finally {
        lock.unlock();
      }
    }

    private boolean overlaps(Held other) {
      return start < other.end && other.start < end;
    }

    private void linkBefore(Held successor) {
      previous = successor.previous;
      next = successor;
      previous.next = this;
      successor.previous = this;
    }
  }
}
