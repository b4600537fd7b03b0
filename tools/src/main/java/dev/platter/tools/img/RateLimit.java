package dev.platter.tools.img;

import java.util.concurrent.locks.LockSupport;

/** Keeps long work to a number of bytes a second, on the whole. */
final class RateLimit {
  static final RateLimit NONE = new RateLimit(0);

  private static final double NANOS_PER_SECOND = 1e9;

  private final long bytesPerSecond;
  private final long startNanos = System.nanoTime();

  /**
   * @param bytesPerSecond the limit; 0 for none
   */
  RateLimit(long bytesPerSecond) {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Waits until this much of the work may have been done. */
  void pace(long doneBytes) {
    if (bytesPerSecond == 0) {
      return;
    }
    long due = startNanos + (long) (doneBytes * NANOS_PER_SECOND / bytesPerSecond);
    for (long left = due - System.nanoTime();
        left > 0 && !Thread.currentThread().isInterrupted();
        left = due - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
