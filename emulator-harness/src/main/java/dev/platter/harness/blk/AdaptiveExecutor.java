package dev.platter.harness.blk;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Runs requests on the thread that brings them while they are short, and on workers while they are
 * not.
 *
 * <p>Waking a worker costs as much as several reads that the host has in memory; a read that waits
 * for a disk is worth it. How long the next request takes is guessed from the last ones: a moving
 * average, in which one slow request counts for no more than a few short ones make good again.
 *
 * <ul>
 *   <li>I1. A request runs on the bringing thread only if none is with the workers: so requests
 *       start in the order in which one thread brings them.
 * </ul>
 */
final class AdaptiveExecutor implements RequestExecutor {
  /** About what handing a request to a worker costs. */
  static final long SHORT_NANOS = 20_000;

  private static final long LONGEST_COUNTED_NANOS = 8 * SHORT_NANOS;
  private static final int WEIGHT_BITS = 3;

  private final RequestExecutor workers;
  private final LongSupplier nanoTime;
  private final AtomicInteger withWorkers = new AtomicInteger();

  /** The moving average; an update lost to another thread does not matter. */
  private final AtomicLong usualNanos = new AtomicLong();

  /**
   * @param workers run what is not short; closed with this
   */
  AdaptiveExecutor(RequestExecutor workers, LongSupplier nanoTime) {
    this.workers = workers;
    this.nanoTime = nanoTime;
  }

  @Override
  public void execute(Runnable request) {
    if (usualNanos.getPlain() < SHORT_NANOS && withWorkers.get() == 0) { // I1
      runTimed(request);
      return;
    }
    withWorkers.incrementAndGet();
    workers.execute(
        () -> {
          try {
            runTimed(request);
          } finally {
            withWorkers.decrementAndGet();
          }
        });
  }

  private void runTimed(Runnable request) {
    long start = nanoTime.getAsLong();
    try {
      request.run();
    } finally {
      long nanos = Math.min(nanoTime.getAsLong() - start, LONGEST_COUNTED_NANOS);
      long usual = usualNanos.getPlain();
      usualNanos.setPlain(usual + ((nanos - usual) >> WEIGHT_BITS));
    }
  }

  @Override
  public void close() {
    workers.close();
  }
}
