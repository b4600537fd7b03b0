package dev.platter.graph;

import java.util.concurrent.atomic.LongAdder;

/** Counts requests of one kind. Threads: any. */
final class OperationCounter {
  private final LongAdder count = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder nanos = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder merged = new LongAdder();

  void succeeded(long length, long elapsedNanos) {
    count.increment();
    bytes.add(length);
    nanos.add(elapsedNanos);
  }

  void failed() {
    failed.increment();
  }

  /** Counts requests that one which is counted already was performed for too. */
  void merged(int requestCount) {
    count.add(requestCount);
    merged.add(requestCount);
  }

  BackendStats.Operations snapshot() {
    return new BackendStats.Operations(
        count.sum(), bytes.sum(), nanos.sum(), failed.sum(), merged.sum());
  }
}
