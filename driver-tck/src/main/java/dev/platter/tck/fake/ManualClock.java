package dev.platter.tck.fake;

import dev.platter.api.driver.BlockClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A clock that stands still until a test moves it.
 *
 * <p>{@link #advance} runs the timers that fall due on the way, in order of time, on the calling
 * thread, each with the clock at its own moment. Threads: any number may read and set timers; one
 * at a time advances.
 */
public final class ManualClock implements BlockClock {
  private final List<ManualTimer> timers = new ArrayList<>();
  private volatile long nowNanos;

  /** A clock at 0 without timers. */
  public ManualClock() {}

  @Override
  public long nanoTime() {
    return nowNanos;
  }

  @Override
  public Timer every(Duration interval, Runnable task) {
    long intervalNanos = interval.toNanos();
    if (intervalNanos <= 0) {
      throw new IllegalArgumentException("interval is " + interval);
    }
    synchronized (timers) {
      ManualTimer timer = new ManualTimer(intervalNanos, task, nowNanos + intervalNanos);
      timers.add(timer);
      return timer;
    }
  }

  /** Moves the clock on by itself: nobody else does while the only thread sleeps. */
  @Override
  public void sleep(Duration duration) {
    advance(duration);
  }

  /** Moves the clock on and runs every timer that falls due, as often as it does. */
  public void advance(Duration duration) {
    if (duration.isNegative()) {
      throw new IllegalArgumentException("duration is " + duration);
    }
    long target = nowNanos + duration.toNanos();
    for (Optional<ManualTimer> due = due(target); due.isPresent(); due = due(target)) {
      due.get().run();
    }
    nowNanos = target;
  }

  /** How many timers have not been closed: 0 once everything that set one is closed. */
  public int timerCount() {
    synchronized (timers) {
      return timers.size();
    }
  }

  private Optional<ManualTimer> due(long target) {
    synchronized (timers) {
      return timers.stream()
          .filter(timer -> timer.dueNanos <= target)
          .min(Comparator.comparingLong(timer -> timer.dueNanos));
    }
  }

  private final class ManualTimer implements Timer {
    private final long intervalNanos;
    private final Runnable task;
    private long dueNanos;

    ManualTimer(long intervalNanos, Runnable task, long dueNanos) {
      this.intervalNanos = intervalNanos;
      this.task = task;
      this.dueNanos = dueNanos;
    }

    void run() {
      synchronized (timers) {
        nowNanos = Math.max(nowNanos, dueNanos);
        dueNanos += intervalNanos;
      }
      task.run();
    }

    @Override
    public void close() {
      synchronized (timers) {
        timers.remove(this);
      }
    }
  }
}
