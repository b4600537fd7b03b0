package dev.platter.tck;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Runs one task on several threads that start at once. */
public final class Threads {
  private static final int MOST_MINUTES = 2;

  /** The part of one thread. */
  @FunctionalInterface
  public interface Task {
    /** Runs the part of the thread with this number, from 0. */
    void run(int thread) throws Exception;
  }

  private Threads() {}

  /**
   * Runs the task on {@code count} threads, numbered from 0, and waits for all of them.
   *
   * @throws AssertionError if one of them throws; the others' failures are suppressed in it
   */
  public static void run(int count, Task task) throws InterruptedException {
    CyclicBarrier start = new CyclicBarrier(count);
    List<Future<?>> parts = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(count)) {
      for (int i = 0; i < count; i++) {
        int thread = i;
        parts.add(
            executor.submit(
                () -> {
                  start.await();
                  task.run(thread);
                  return null;
                }));
      }
      executor.shutdown();
      if (!executor.awaitTermination(MOST_MINUTES, TimeUnit.MINUTES)) {
        executor.shutdownNow();
        throw new AssertionError("threads are stuck");
      }
    }
    AssertionError failure = null;
    for (int i = 0; i < count; i++) {
      try {
        parts.get(i).get();
      } catch (ExecutionException e) {
        AssertionError failed =
            new AssertionError("thread %d: %s".formatted(i, e.getCause().getMessage()), e);
        if (failure == null) {
          failure = failed;
        } else {
          failure.addSuppressed(failed);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
