package dev.platter.tools.io;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Requests that run beside the commands after them, each on a thread of its own. */
final class LaterRequests {
  /** How long a request is given to end or to wait for another, before commands go on. */
  private static final long SETTLE_NANOS = 20_000_000;

  private final List<FutureTask<Outcome>> running = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  /**
   * Starts a request, and lets it come as far as it can: so requests for the same bytes queue up in
   * the order in which they were started.
   */
  void start(Callable<Outcome> request) {
    FutureTask<Outcome> task = new FutureTask<>(request);
    running.add(task);
    threads.add(Thread.ofPlatform().name("aio-" + running.size()).start(task));
    settle();
  }

  /** Returns when all have ended or wait for something, or soon anyway. */
  void settle() {
    long end = System.nanoTime() + SETTLE_NANOS;
    while (threads.stream().anyMatch(LaterRequests::runs) && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private static boolean runs(Thread thread) {
    Thread.State state = thread.getState();
    return state == Thread.State.NEW || state == Thread.State.RUNNABLE;
  }

  /** Waits for all; their outcomes in the order in which they were started. */
  List<Outcome> await() {
    List<Outcome> outcomes = new ArrayList<>();
    for (FutureTask<Outcome> task : running) {
      outcomes.add(outcome(task));
    }
    running.clear();
    threads.clear();
    return outcomes;
  }

  private static Outcome outcome(FutureTask<Outcome> task) {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome("interrupted\n", false);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a request failed in an unforeseen way", e.getCause());
    }
  }
}
