package dev.platter.tools.demo;

import dev.platter.api.driver.BlockClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A clock that somebody moves by hand, so that nobody waits for a clean interval of a quarter of an
 * hour.
 */
final class FastClock implements BlockClock {
  private final List<Task> tasks = new ArrayList<>(); // guarded by this
  private long now; // guarded by this

  /** A task and when it is due next. */
  private static final class Task {
    private final long interval;
    private final Runnable action;
    private long due;

    Task(long interval, Runnable action, long due) {
      this.interval = interval;
      this.action = action;
      this.due = due;
    }
  }

  @Override
  public synchronized long nanoTime() {
    return now;
  }

  @Override
  public synchronized Timer every(Duration interval, Runnable action) {
    Task task = new Task(interval.toNanos(), action, now + interval.toNanos());
    tasks.add(task);
    return () -> {
      synchronized (this) {
        tasks.remove(task);
      }
    };
  }

  /** Lets time pass; tasks that come due run on the calling thread. */
  void pass(Duration time) {
    List<Runnable> due = new ArrayList<>();
    synchronized (this) {
      now += time.toNanos();
      for (Task task : tasks) {
        for (; task.due <= now; task.due += task.interval) {
          due.add(task.action);
        }
      }
    }
    due.forEach(Runnable::run);
  }
}
