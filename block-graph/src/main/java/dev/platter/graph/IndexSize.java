package dev.platter.graph;

/**
 * How large a {@link ChainIndex} is.
 *
 * @param segmentUnits units that are remembered together: at least 2, at most 32,768
 * @param maximumBytes the most that its segments take of memory, with their numbers among those
 *     that are filled; the reference to each, filled or not, comes on top
 */
record IndexSize(int segmentUnits, long maximumBytes) {
  /**
   * Room for 4 TiB in clusters of 64 KiB where of each 512 one run is known (32 bytes a segment),
   * and for 123 GiB where each cluster lies in another layer than the one before (1,064 bytes).
   */
  static final IndexSize USUAL = new IndexSize(512, 4 << 20);
}
