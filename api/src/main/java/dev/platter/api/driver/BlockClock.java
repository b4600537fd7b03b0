package dev.platter.api.driver;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Time as drivers see it. */
public interface BlockClock {

  /** Nanoseconds since an arbitrary origin; never decreases. */
  long nanoTime();

  /**
   * Runs a task again and again.
   *
   * @param interval time between runs, positive
   * @param task must not block for long; it runs on a thread of the clock's and must not throw
   * @return stops the task when closed; a run in progress is waited for, unless closed by the task
   */
  Timer every(Duration interval, Runnable task);

  /**
   * Waits for so long, or until the thread is interrupted, whose status stays as it is.
   *
   * @param duration not negative
   */
  default void sleep(Duration duration) {
    long end = nanoTime() + duration.toNanos();
    for (long left = duration.toNanos();
        left > 0 && !Thread.currentThread().isInterrupted();
        left = end - nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  /** A task that runs again and again until it is closed. */
  interface Timer extends AutoCloseable {
    @Override
    void close();
  }
}
