package dev.platter.crypto;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** How often a key derivation is iterated so that it takes a given time on this machine. */
final class IterationCount {
  /** What a header can say at most. */
  static final long MAX = 0xffff_ffffL;

  private static final byte[] SAMPLE = new byte[32];
  private static final long FIRST_ITERATIONS = 1 << 12;
  private static final long LONGEST_SAMPLE_NANOS = 250_000_000;
  private static final long SHORTEST_SAMPLE_NANOS = 5_000_000;

  private IterationCount() {}

  /**
   * Measures, in processor time of this thread. Samples grow until one takes a quarter of the time
   * asked for, within bounds, so that what is measured is compiled code.
   *
   * @param millis the time that one derivation is to take, at least 1
   * @param keyBytes the length of the key that is derived
   * @return at least 1; for the largest times, perhaps more than {@link #MAX}
   */
  static long taking(HashAlgorithm hash, long millis, int keyBytes) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    double wanted = millis * 1e6;
    long enough = (long) Math.clamp(wanted / 4, SHORTEST_SAMPLE_NANOS, LONGEST_SAMPLE_NANOS);
    for (long iterations = FIRST_ITERATIONS; ; iterations *= 2) {
      long start = threads.getCurrentThreadCpuTime();
      Pbkdf2.derive(hash, SAMPLE, SAMPLE, iterations, keyBytes);
      long nanos = threads.getCurrentThreadCpuTime() - start;
      if (nanos >= enough) {
        return Math.max(1, (long) (iterations * (wanted / nanos)));
      }
    }
  }
}
