package dev.platter.api.driver;

import java.time.Duration;

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

  /** A task that runs again and again until it is closed. */
  interface Timer extends AutoCloseable {
    @Override
    void close();
  }
}
