package dev.platter.graph;

/**
 * How large a {@link ChainIndex} is.
 *
 * @param segmentUnits units that are remembered together: at least 2, at most 32,768
 * @param maximumBytes the most that its segments take of memory
 */
record IndexSize(int segmentUnits, long maximumBytes) {
  /** Room for 2 TiB of clusters of 64 KiB that lie side by side, in whatever layers. */
  static final IndexSize USUAL = new IndexSize(512, 4 << 20);
}
