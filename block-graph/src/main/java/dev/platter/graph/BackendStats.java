package dev.platter.graph;

/**
 * What a {@link BlockBackend} has done since it was made: a snapshot of its counters.
 *
 * @param read reads
 * @param write writes
 * @param flush flushes; their bytes are 0
 * @param discard discards
 * @param writeZeroes zero-writes
 * @param highestWrittenOffset the end of the last byte written, by guest offset; 0 if none was
 */
public record BackendStats(
    Operations read,
    Operations write,
    Operations flush,
    Operations discard,
    Operations writeZeroes,
    long highestWrittenOffset) {

  /**
   * Requests of one kind.
   *
   * @param count requests that succeeded
   * @param bytes the sum of their lengths
   * @param nanos the sum of the times they took, in nanoseconds; of requests that were merged, once
   * @param failed requests that failed, or were refused; requests that were merged are one
   * @param merged how many of {@code count} another request was performed for: of {@code n}
   *     requests that were merged, {@code n - 1}
   */
  public record Operations(long count, long bytes, long nanos, long failed, long merged) {}
}
