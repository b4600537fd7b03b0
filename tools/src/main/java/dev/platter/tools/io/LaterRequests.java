package dev.platter.tools.io;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Requests that run beside the commands after them, each on a thread of its own.
 *
 * <ul>
 *   <li>I1: requests for the same bytes, not all of them reads, are performed in the order in which
 *       they were started: a later one begins when the earlier ones have ended.
 *   <li>I2: one that is held at a breakpoint keeps no other waiting, since only a command after it
 *       lets it go on. From then on the order is the image's affair, as it is in QEMU.
 * </ul>
 */
final class LaterRequests {
  /** How long a request is given to end or to wait for something, before commands go on. */
  private static final long SETTLE_NANOS = 20_000_000;

  private final List<Later> running = new CopyOnWriteArrayList<>();

  /**
   * The bytes of a request.
   *
   * @param writes whether it changes them
   */
  record Bytes(long offset, long length, boolean writes) {
    boolean conflictsWith(Bytes other) {
      // Differences of what is not negative: no sum, which could be too large.
      boolean shared = offset - other.offset < other.length && other.offset - offset < length;
      return shared && (writes || other.writes);
    }
  }

  /**
   * A request under way.
   *
   * @param passed open when those after it need not wait for it any longer
   */
  private record Later(
      Bytes bytes, FutureTask<Outcome> task, Thread thread, CountDownLatch passed) {
    boolean moves() {
      Thread.State state = thread.getState();
      return state == Thread.State.NEW || state == Thread.State.RUNNABLE;
    }
  }

  /** Starts a request for these bytes, and gives it a moment to come as far as it can. */
  void start(Bytes bytes, Callable<Outcome> request) {
    List<CountDownLatch> before =
        running.stream()
            .filter(earlier -> earlier.bytes().conflictsWith(bytes))
            .map(Later::passed)
            .toList();
    CountDownLatch passed = new CountDownLatch(1);
    FutureTask<Outcome> task =
        new FutureTask<>(
            () -> {
              try {
                for (CountDownLatch earlier : before) {
                  earlier.await(); // I1
                }
                return request.call();
              } finally {
                passed.countDown();
              }
            });
    Thread thread = Thread.ofPlatform().name("aio-" + (running.size() + 1)).unstarted(task);
    Later later = new Later(bytes, task, thread, passed);
    running.add(later);
    try {
      thread.start();
    } catch (Error e) { // there is no thread to be had
      running.remove(later);
      throw e;
    }
    settle();
  }

  /** Notes that the request of the calling thread, if it is one of these, is held. */
  void held() {
    running.stream()
        .filter(request -> request.thread() == Thread.currentThread())
        .forEach(request -> request.passed().countDown()); // I2
  }

  /** Returns when all have ended or wait for something, or soon anyway. */
  void settle() {
    long end = System.nanoTime() + SETTLE_NANOS;
    while (running.stream().anyMatch(Later::moves) && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  /** Waits for all; their outcomes in the order in which they were started. */
  List<Outcome> await() {
    List<Outcome> outcomes = new ArrayList<>();
    for (Later request : running) {
      outcomes.add(outcome(request.task()));
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
      if (e.getCause() instanceof Error error) {
        throw error; // no memory, for one
      }
      throw new IllegalStateException("a request failed in an unforeseen way", e.getCause());
    }
  }
}
