package dev.platter.tools.io;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** Requests that run beside the commands after them, each on a thread of its own. */
final class LaterRequests {
  private final List<FutureTask<Outcome>> running = new ArrayList<>();

  /** Starts a request. */
  void start(Callable<Outcome> request) {
    FutureTask<Outcome> task = new FutureTask<>(request);
    running.add(task);
    Thread.ofPlatform().name("aio-" + running.size()).start(task);
  }

  /** Waits for all; their outcomes in the order in which they were started. */
  List<Outcome> await() {
    List<Outcome> outcomes = new ArrayList<>();
    for (FutureTask<Outcome> task : running) {
      outcomes.add(outcome(task));
    }
    running.clear();
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
