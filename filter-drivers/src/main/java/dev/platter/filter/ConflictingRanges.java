package dev.platter.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps requests that read, change and write whole units apart from all others for the same bytes.
 *
 * <ul>
 *   <li>I1: of two requests that overlap and have both entered, neither is exclusive.
 *   <li>I2: a request waits only for those that have entered, not for others that wait: one that is
 *       held at a breakpoint stops those that conflict with it, and nobody else.
 *   <li>I3: an interrupt does not end the waiting.
 * </ul>
 */
final class ConflictingRanges {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();
  private final List<Entered> entered = new ArrayList<>(); // guarded by lock

  /**
   * Waits until nothing that has entered conflicts with {@code [start, end)}.
   *
   * @param exclusive whether no other request may overlap it, instead of no exclusive one
   */
  Entered enter(long start, long end, boolean exclusive) {
    Entered request = new Entered(start, end, exclusive);
    lock.lock();
    try {
      while (entered.stream().anyMatch(request::conflicts)) { // I2
        left.awaitUninterruptibly(); // I3
      }
      entered.add(request); // I1
    } finally {
      lock.unlock();
    }
    return request;
  }

  /** A request that has entered; closing it lets others in. */
  final class Entered implements AutoCloseable {
    private final long start;
    private final long end;
    private final boolean exclusive;

    private Entered(long start, long end, boolean exclusive) {
      this.start = start;
      this.end = end;
      this.exclusive = exclusive;
    }

    private boolean conflicts(Entered other) {
      return start < other.end && other.start < end && (exclusive || other.exclusive);
    }

    @Override
    public void close() {
      lock.lock();
      try {
        entered.remove(this);
        left.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
