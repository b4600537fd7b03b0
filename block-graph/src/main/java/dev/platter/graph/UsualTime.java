package dev.platter.graph;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How long requests have taken of late, and so how long the next one most likely takes: a moving
 * average, in which one slow request counts for no more than a few short ones make good again.
 *
 * <p>Threads: any. An update that is lost to another thread does not matter. No order with other
 * memory is kept: who needs one puts a fence beside.
 */
public final class UsualTime {
  /** About what handing a request to another thread costs. */
  public static final long SHORT_NANOS = 20_000;

  private static final long LONGEST_COUNTED_NANOS = 8 * SHORT_NANOS;
  private static final int WEIGHT_BITS = 3;

  private final AtomicLong usualNanos = new AtomicLong();

  /** Takes note of a request that took so long. */
  public void add(long nanos) {
    long usual = usualNanos.getOpaque();
    long counted = Math.min(nanos, LONGEST_COUNTED_NANOS);
    usualNanos.setOpaque(usual + ((counted - usual) >> WEIGHT_BITS));
  }

  /** Whether requests are over sooner than another thread would begin them. */
  public boolean isShort() {
    return usualNanos.getOpaque() < SHORT_NANOS;
  }
}
