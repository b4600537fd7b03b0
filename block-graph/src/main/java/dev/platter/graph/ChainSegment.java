package dev.platter.graph;

import java.util.Arrays;

/**
 * For each unit of a part of the disk, how deep in the chain a search for it begins: 0 where that
 * is not known. Immutable; kept in the form that takes the least memory.
 */
sealed interface ChainSegment {

  /** What a segment takes of memory at least. */
  int LEAST_BYTES = 24;

  /** A segment of which nothing is known. */
  static ChainSegment unknown(int unitCount) {
    return new OneRun((char) 0, (char) unitCount, (char) unitCount, (char) 0);
  }

  /** How many units there are. */
  int unitCount();

  /** How deep the search for a unit begins; 0 if that is not known. */
  int depth(int unitIndex);

  /** An end of units from {@code unitIndex} on of which the same is known. */
  int runEnd(int unitIndex);

  /** What the segment takes of memory. */
  int heldBytes();

  /**
   * A segment in which the search for some units begins at a depth, unless it began deeper.
   *
   * @param from where the layers begin that are to be passed over; units for which those above it
   *     are not stay as they are
   */
  default ChainSegment with(int firstUnit, int endUnit, int from, int depth) {
    char[] all = new char[unitCount()];
    for (int unit = 0; unit < all.length; unit = runEnd(unit)) {
      Arrays.fill(all, unit, runEnd(unit), (char) depth(unit));
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
    int count = 0;
    for (int unit = 0; unit < all.length; unit++) {
      if (unit == 0 || all[unit] != all[unit - 1]) {
        starts[count++] = (char) unit;
      }
    }
    int known = all[0] == 0 && count > 1 ? 1 : 0; // the first run of which something is known
    if (count <= known + 2 && (count < known + 2 || all[starts[known + 1]] == 0)) {
      int end = count == known + 2 ? starts[known + 1] : all.length;
      return new OneRun(starts[known], (char) end, (char) all.length, all[starts[known]]);
    }
    Runs runs = Runs.of(Arrays.copyOf(starts, count), all);
    EachUnit each = new EachUnit(all);
    return runs.heldBytes() <= each.heldBytes() ? runs : each;
  }

  /** What an array of {@code char} takes of memory. */
  private static int arrayBytes(char[] array) {
    return 16 + ((array.length * Character.BYTES + 7) & -8);
  }

  /** One run of which something is known, and nothing of the rest. */
  record OneRun(char start, char end, char units, char runDepth) implements ChainSegment {
    @Override
    public int unitCount() {
      return units;
    }

    @Override
    public int depth(int unitIndex) {
      return unitIndex >= start && unitIndex < end ? runDepth : 0;
    }

    @Override
    public int runEnd(int unitIndex) {
      if (unitIndex < start) {
        return start;
      }
      return unitIndex < end ? end : units;
    }

    @Override
    public int heldBytes() {
      return LEAST_BYTES;
    }

    @Override
    public ChainSegment with(int firstUnit, int endUnit, int from, int depth) {
      return runDepth == 0 && from <= 1 // nothing was known
          ? new OneRun((char) firstUnit, (char) endUnit, units, (char) depth)
          : ChainSegment.super.with(firstUnit, endUnit, from, depth);
    }
  }

  /** Runs of equal depths. */
  final class Runs implements ChainSegment {
    private final char[] starts;
    private final char[] depths;
    private final int unitCount;

    private Runs(char[] starts, char[] depths, int unitCount) {
      this.starts = starts;
      this.depths = depths;
      this.unitCount = unitCount;
    }

    private static Runs of(char[] starts, char[] all) {
      char[] depths = new char[starts.length];
      for (int run = 0; run < starts.length; run++) {
        depths[run] = all[starts[run]];
      }
      return new Runs(starts, depths, all.length);
    }

    @Override
    public int unitCount() {
      return unitCount;
    }

    @Override
    public int depth(int unitIndex) {
      return depths[runOf(unitIndex)];
    }

    @Override
    public int runEnd(int unitIndex) {
      int next = runOf(unitIndex) + 1;
      return next < starts.length ? starts[next] : unitCount;
    }

    @Override
    public int heldBytes() {
      return 24 + arrayBytes(starts) + arrayBytes(depths);
    }

    private int runOf(int unitIndex) {
      int found = Arrays.binarySearch(starts, (char) unitIndex);
      return found >= 0 ? found : -found - 2;
    }
  }

  /** A depth for each unit: for many short runs. */
  final class EachUnit implements ChainSegment {
    private final char[] depths;

    private EachUnit(char[] depths) {
      this.depths = depths;
    }

    @Override
    public int unitCount() {
      return depths.length;
    }

    @Override
    public int depth(int unitIndex) {
      return depths[unitIndex];
    }

    @Override
    public int runEnd(int unitIndex) {
      int end = unitIndex + 1;
      while (end < depths.length && depths[end] == depths[unitIndex]) {
        end++;
      }
      return end;
    }

    @Override
    public int heldBytes() {
      return 16 + arrayBytes(depths);
    }
  }
}
