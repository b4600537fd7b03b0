package dev.platter.tools.img;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Lets threads go on in the order of numbers, each of which one of them has. */
final class Turn {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long current;
  private boolean ended;

  /**
   * Waits for a number's turn.
   *
   * @return whether it has come; false if nobody is to go on any more
   */
  boolean await(long number) {
    lock.lock();
    try {
      while (current != number && !ended) {
        changed.awaitUninterruptibly();
      }
      return !ended;
    } finally {
      lock.unlock();
    }
  }

  /** It is the next number's turn. */
  void pass() {
    lock.lock();
    try {
      current++;
      changed.signalAll();
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
