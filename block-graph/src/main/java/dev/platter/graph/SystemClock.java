package dev.platter.graph;

import dev.platter.api.driver.BlockClock;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The host's monotonic clock, with one daemon thread for timers that is started with the first
 * timer.
 */
public final class SystemClock implements BlockClock, AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private ScheduledThreadPoolExecutor executor; // guarded by lock; made when first needed
  private boolean closed; // guarded by lock

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalStateException if the clock is closed
   */
  @Override
  public Timer every(Duration interval, Runnable task) {
    if (interval.isNegative() || interval.isZero()) {
      throw new IllegalArgumentException("interval is " + interval);
    }
    PeriodicTask periodic = new PeriodicTask(task);
    long nanos = interval.toNanos();
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("clock is closed");
      }
      if (executor == null) {
        executor = new ScheduledThreadPoolExecutor(1, SystemClock::daemon);
        executor.setRemoveOnCancelPolicy(true);
      }
      periodic.future =
          executor.scheduleWithFixedDelay(periodic, nanos, nanos, TimeUnit.NANOSECONDS);
    } finally {
      lock.unlock();
    }
    return periodic;
  }

  /** Stops all timers; does not wait for a task in progress. Closing twice does nothing. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (executor != null) {
        executor.shutdownNow();
      }
    } finally {
      lock.unlock();
    }
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task, "platter-clock");
    thread.setDaemon(true);
    return thread;
  }

  /** A task whose closing waits for a run in progress. */
  private static final class PeriodicTask implements Runnable, Timer {
    private final Runnable task;
    private final ReentrantLock running = new ReentrantLock();
    private boolean stopped; // guarded by running
    private volatile Future<?> future;

    private PeriodicTask(Runnable task) {
      this.task = task;
    }

    @Override
    public void run() {
      running.lock();
      try {
        if (!stopped) {
          task.run();
        }
      } finally {
        running.unlock();
      }
    }

    @Override
    public void close() {
      future.cancel(false);
      running.lock(); // reentrant: a task may close its own timer
      try {
        stopped = true;
      } finally {
        running.unlock();
      }
    }
  }
}
