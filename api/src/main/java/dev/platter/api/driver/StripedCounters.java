package dev.platter.api.driver;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counters of requests in progress, each spread over several cache lines, so that threads that
 * count at once rarely meet.
 *
 * <p>What was counted on a stripe is taken back on the same stripe. So a stripe that is seen at
 * zero says, by itself, that everything counted on it before has ended; no consistent sum is
 * needed. Threads: any.
 */
public final class StripedCounters {
  /** Longs from one stripe to the next: two cache lines, because processors fetch them in pairs. */
  private static final int SPACING = 16;

  /** Bounds the memory of a counter to 2 KiB: every layer of a chain has one. */
  private static final int MAX_STRIPES = 16;

  private static final int STRIPE_BITS =
      32 - Integer.numberOfLeadingZeros(Math.min(MAX_STRIPES, 2 * cpuCount()) - 1);

  private final AtomicLongArray counts;

  /**
   * @param counterCount how many counters; they are told apart by index
   */
  public StripedCounters(int counterCount) {
    counts = new AtomicLongArray((counterCount << STRIPE_BITS) * SPACING);
  }

  /** The stripe on which the current thread counts; between 0 and a small bound. */
  public static int stripe() {
    int hash = (int) Thread.currentThread().threadId() * 0x9E3779B9;
    return hash >>> (32 - STRIPE_BITS);
  }

  /** Counts up. */
  public void increment(int counterIndex, int stripe) {
    counts.getAndIncrement(place(counterIndex, stripe));
  }

  /** Counts down, what was counted up on the same stripe. */
  public void decrement(int counterIndex, int stripe) {
    counts.getAndDecrement(place(counterIndex, stripe));
  }

  /** Whether every stripe of a counter has been seen at zero. */
  public boolean isZero(int counterIndex) {
    for (int stripe = 0; stripe < 1 << STRIPE_BITS; stripe++) {
      if (counts.get(place(counterIndex, stripe)) != 0) {
        return false;
      }
    }
    return true;
  }

  private static int place(int counterIndex, int stripe) {
    return ((counterIndex << STRIPE_BITS) + stripe) * SPACING;
  }

  private static int cpuCount() {
    return Math.max(2, Runtime.getRuntime().availableProcessors());
  }
}
