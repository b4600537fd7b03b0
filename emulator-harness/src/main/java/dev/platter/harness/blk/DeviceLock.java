package dev.platter.harness.blk;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The lock of a device's state, held by a {@code try} statement; a thread may hold it several
 * times.
 *
 * <p>Threads: any.
 */
class DeviceLock implements AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();

  /** Waits until no other thread holds the lock. */
  final DeviceLock hold() {
    lock.lock();
    return this;
  }

  /** Whether the calling thread holds the lock. */
  final boolean held() {
    return lock.isHeldByCurrentThread();
  }

  /** Undoes one {@link #hold} of the calling thread. */
  @Override
  public void close() {
    lock.unlock();
  }
}
