package dev.platter.harness.workload;

import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;

/**
 * What one direction of a workload came to: requests, bytes and latencies in nanoseconds.
 *
 * <p>Threads: written by one; the counts may be read by another meanwhile, the latencies only
 * afterwards.
 */
public final class Tally {
  private static final long MAX_LATENCY_NANOS = 3_600_000_000_000L;
  private static final int SIGNIFICANT_DIGITS = 3;

  private final Histogram latencies = new Histogram(MAX_LATENCY_NANOS, SIGNIFICANT_DIGITS);
  private final AtomicLong ioCount = new AtomicLong();
  private final AtomicLong byteCount = new AtomicLong();

  Tally() {}

  void add(long bytes, long latencyNanos) {
    ioCount.setOpaque(ioCount.getPlain() + 1); // there is one writer
    byteCount.setOpaque(byteCount.getPlain() + bytes);
    latencies.recordValue(Math.clamp(latencyNanos, 0, MAX_LATENCY_NANOS));
  }

  void add(Tally other) {
    ioCount.addAndGet(other.ioCount());
    byteCount.addAndGet(other.byteCount());
    latencies.add(other.latencies);
  }

  /** Completed requests. */
  public long ioCount() {
    return ioCount.getOpaque();
  }

  /** Bytes of completed requests. */
  public long byteCount() {
    return byteCount.getOpaque();
  }

  /** Nanoseconds from offering a request to taking its completion; a copy. */
  public Histogram latencies() {
    return latencies.copy();
  }

  /** The latency in nanoseconds that this percentage of requests does not exceed. */
  public long latencyNanos(double percentile) {
    return latencies.getValueAtPercentile(percentile);
  }
}
