package dev.platter.qcow2;

import java.util.Arrays;

/**
 * A slice that keeps the first entry of each run: those behind it {@linkplain L2Entry#follows
 * follow} by a constant step. An image that was written in order is a handful of runs.
 */
final class RunsL2Slice implements L2Slice {
  private static final int OBJECT_BYTES =
      HeapBytes.object(2 * Integer.BYTES + 2 * HeapBytes.REFERENCE);

  private final int entryCount;
  private final int clusterBits;

  /** The index of each run's first entry, ascending from 0. */
  private final int[] starts;

  private final long[] firstEntries;

  private RunsL2Slice(int entryCount, int clusterBits, int[] starts, long[] firstEntries) {
    this.entryCount = entryCount;
    this.clusterBits = clusterBits;
    this.starts = starts;
    this.firstEntries = firstEntries;
  }

  /** What a slice of so many runs takes. */
  static int heldBytes(int runCount) {
    return OBJECT_BYTES
        + HeapBytes.array((long) runCount * Integer.BYTES)
        + HeapBytes.array((long) runCount * Long.BYTES);
  }

  /** How many runs entries are, at least 1. */
  static int countRuns(long[] entries, int clusterBits) {
    int runs = 1;
    for (int i = 1; i < entries.length; i++) {
      if (!L2Entry.follows(entries[i - 1], entries[i], clusterBits)) {
        runs++;
      }
    }
    return runs;
  }

  /**
   * Encodes entries.
   *
   * @param runCount what {@link #countRuns} says of them
   */
  static RunsL2Slice of(long[] entries, int clusterBits, int runCount) {
    int[] starts = new int[runCount];
    long[] firstEntries = new long[runCount];
    firstEntries[0] = entries[0];
    int run = 0;
    for (int i = 1; i < entries.length; i++) {
      if (!L2Entry.follows(entries[i - 1], entries[i], clusterBits)) {
        run++;
        starts[run] = i;
        firstEntries[run] = entries[i];
      }
    }
    return new RunsL2Slice(entries.length, clusterBits, starts, firstEntries);
  }

  @Override
  public int entryCount() {
    return entryCount;
  }

  @Override
  public int clusterBits() {
    return clusterBits;
  }

  @Override
  public long entry(int index) {
    int run = runOf(index);
    long first = firstEntries[run];
    return first + (index - starts[run]) * L2Entry.step(first, clusterBits);
  }

  @Override
  public int run(int index, int maximum) {
    int next = runOf(index) + 1;
    int end = next < starts.length ? starts[next] : entryCount;
    return Math.min(maximum, end - index);
  }

  @Override
  public int unallocatedStart(int index) {
    int run = runOf(index);
    return firstEntries[run] == 0 ? starts[run] : index + 1;
  }

  @Override
  public int heldBytes() {
    return heldBytes(starts.length);
  }

  private int runOf(int index) {
    int found = starts.length == 1 ? 0 : Arrays.binarySearch(starts, index);
    return found >= 0 ? found : -found - 2;
  }
}
