package dev.platter.harness.blk;

import dev.platter.graph.UsualTime;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Runs requests on the thread that brings them while they are short, and on workers while they are
 * not.
 *
 * <p>Waking a worker costs as much as several reads that the host has in memory; a read that waits
 * for a disk is worth it. A request that can tell whether it would wait ({@link PromptRequest}) is
 * asked. Of others, how long the next request takes is guessed from the last ones ({@link
 * UsualTime}).
 *
 * <ul>
 *   <li>I1. A request that cannot tell runs on the bringing thread only if none is with the
 *       workers: so requests start in the order in which one thread brings them, but for those that
 *       are over at once, or that the workers could not take.
 * </ul>
 */
final class AdaptiveExecutor implements RequestExecutor {
  private final RequestExecutor workers;
  private final LongSupplier nanoTime;
  private final AtomicInteger withWorkers = new AtomicInteger();

  private final UsualTime usualTime = new UsualTime();

  /**
   * @param workers run what is not short; closed with this
   */
  AdaptiveExecutor(RequestExecutor workers, LongSupplier nanoTime) {
    this.workers = workers;
    this.nanoTime = nanoTime;
  }

  @Override
  public void execute(Runnable request) {
    PromptRequest.Outcome outcome =
        request instanceof PromptRequest prompt
            ? prompt.runPromptly()
            : PromptRequest.Outcome.UNKNOWN;
    if (outcome == PromptRequest.Outcome.DONE) {
      return;
    }
    boolean unknown = outcome == PromptRequest.Outcome.UNKNOWN;
    if (unknown && usualTime.isShort() && withWorkers.get() == 0) { // I1
      runTimed(request);
      return;
    }
    Counted counted = new Counted(this, request, new AtomicBoolean(true));
    withWorkers.incrementAndGet();
    try {
      workers.execute(counted);
    } catch (RuntimeException | Error e) {
      counted.leave();
      throw e;
    }
  }

  /** A request that is with the workers, as long as it is {@code there}. */
  private record Counted(AdaptiveExecutor by, Runnable request, AtomicBoolean there)
      implements Runnable {
    @Override
    public void run() {
      try {
        by.runTimed(request);
      } finally {
        leave();
      }
    }

    void leave() {
      if (there.getAndSet(false)) {
        by.withWorkers.decrementAndGet();
      }
    }
  }

  private void runTimed(Runnable request) {
    long start = nanoTime.getAsLong();
    try {
      request.run();
    } finally {
      usualTime.add(nanoTime.getAsLong() - start);
    }
  }

  @Override
  public void close() {
    workers.close();
  }
}
