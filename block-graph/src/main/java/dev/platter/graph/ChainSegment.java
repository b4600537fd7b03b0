package dev.platter.graph;

import java.util.Arrays;

/**
 * For each unit of a part of the disk, how deep in the chain a search for it begins: 0 where that
 * is not known. Kept as runs of equal depths; immutable.
 */
final class ChainSegment {
  private static final int OBJECT_BYTES = 24 + 2 * 16;

  private final char[] starts;
  private final char[] depths;
  private final int unitCount;

  private ChainSegment(char[] starts, char[] depths, int unitCount) {
    this.starts = starts;
    this.depths = depths;
    this.unitCount = unitCount;
  }

  /** A segment of which nothing is known. */
  static ChainSegment unknown(int unitCount) {
    return new ChainSegment(new char[1], new char[1], unitCount);
  }

  /** How deep the search for a unit begins; 0 if that is not known. */
  int depth(int unitIndex) {
    return depths[runOf(unitIndex)];
  }

  /** The end of the units from {@code unitIndex} on of which the same is known. */
  int runEnd(int unitIndex) {
    int next = runOf(unitIndex) + 1;
    return next < starts.length ? starts[next] : unitCount;
  }

  /** What the segment takes of memory, its place in an array included. */
  int heldBytes() {
    return OBJECT_BYTES + 4 + 2 * ((2 * starts.length + 7) & -8);
  }

  /**
   * A segment in which the search for some units begins at a depth, unless it began deeper.
   *
   * @param from where the layers begin that are to be passed over; units for which those above it
   *     are not stay as they are
   */
  ChainSegment with(int firstUnit, int endUnit, int from, int depth) {
    char[] all = new char[unitCount];
    for (int run = 0; run < starts.length; run++) {
      int end = run + 1 < starts.length ? starts[run + 1] : unitCount;
      Arrays.fill(all, starts[run], end, depths[run]);
    }
    for (int unit = firstUnit; unit < endUnit; unit++) {
      if (from <= 1 || all[unit] >= from) {
        all[unit] = (char) Math.max(all[unit], depth);
      }
    }
    return of(all);
  }

  private static ChainSegment of(char[] all) {
    char[] starts = new char[all.length];
    char[] depths = new char[all.length];
    int count = 0;
    for (int unit = 0; unit < all.length; unit++) {
      if (unit == 0 || all[unit] != all[unit - 1]) {
        starts[count] = (char) unit;
        depths[count] = all[unit];
        count++;
      }
    }
    return new ChainSegment(Arrays.copyOf(starts, count), Arrays.copyOf(depths, count), all.length);
  }

  private int runOf(int unitIndex) {
    int found = starts.length == 1 ? 0 : Arrays.binarySearch(starts, (char) unitIndex);
    return found >= 0 ? found : -found - 2;
  }
}
