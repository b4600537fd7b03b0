package dev.platter.tools.img;

import java.util.OptionalLong;

/**
 * The requests of a benchmark: {@code count} of them, from {@code offset} on, each {@code
 * stepBytes} after the last one, starting again at the beginning of the image at its end.
 *
 * @param write whether they write rather than read
 * @param count how many
 * @param depth how many are in progress at once
 * @param offset where the first one starts
 * @param requestBytes how long each is
 * @param stepBytes how far apart they start
 * @param pattern what is written
 * @param flushInterval after how many writes a flush is sent; 0 for never
 * @param drainOnFlush whether a flush waits for the writes before it, and those after it for it
 * @param seed of random offsets, each a multiple of the requests' length, in place of even steps
 */
record BenchPlan(
    boolean write,
    int count,
    int depth,
    long offset,
    int requestBytes,
    long stepBytes,
    byte pattern,
    int flushInterval,
    boolean drainOnFlush,
    OptionalLong seed) {
  static final int DEFAULT_COUNT = 75_000;
  static final int DEFAULT_DEPTH = 64;
  static final int DEFAULT_REQUEST_BYTES = 4096;
}
