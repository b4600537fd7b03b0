package dev.platter.qcow2;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs of clusters, in the order in which they came; one that goes on where the last ended becomes
 * a part of it. What room was reserved for is taken in without allocating anything.
 *
 * <p>Threads: one at a time.
 */
final class ClusterRuns {
  private static final long[] NONE = {};

  private long[] firstClusters = NONE;
  private long[] clusterCounts = NONE;
  private Quarantine.Cause[] causes = {};
  private int size;
  private long clusterCount;

  /** How many runs there are. */
  int size() {
    return size;
  }

  /** How many clusters all of them have. */
  long clusterCount() {
    return clusterCount;
  }

  /** Makes room for so many more runs. */
  void reserve(int count) {
    int needed = Math.addExact(size, count);
    if (needed > causes.length) {
      int capacity = Math.max(needed, causes.length + (causes.length >> 1));
      long[] firsts = Arrays.copyOf(firstClusters, capacity);
      long[] counts = Arrays.copyOf(clusterCounts, capacity);
      causes = Arrays.copyOf(causes, capacity);
      firstClusters = firsts;
      clusterCounts = counts;
    }
  }

  void add(long first, long count, Quarantine.Cause cause) {
    int last = size - 1;
    if (size > 0 && causes[last] == cause && firstClusters[last] + clusterCounts[last] == first) {
      clusterCounts[last] += count;
    } else {
      reserve(1);
      firstClusters[size] = first;
      clusterCounts[size] = count;
      causes[size] = cause;
      size++;
    }
    clusterCount += count;
  }

  /** The runs, in a list of the caller's own. */
  List<Quarantine.Run> list() {
    List<Quarantine.Run> runs = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      runs.add(new Quarantine.Run(firstClusters[i], clusterCounts[i], causes[i]));
    }
    return runs;
  }
}
