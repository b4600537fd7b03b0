package dev.platter.qcow2;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * Free clusters of an image, in runs; taken from the lowest on.
 *
 * <p>Threads: one.
 */
final class FreeClusters {
  /** Clusters side by side: from the first to before the end. */
  record Run(long first, long end) {}

  private final TreeMap<Long, Long> runs = new TreeMap<>();

  /** The same clusters, to be taken independently. */
  FreeClusters copy() {
    FreeClusters copy = new FreeClusters();
    copy.runs.putAll(runs);
    return copy;
  }

  /** Adds a cluster behind all that are there. */
  void append(long cluster) {
    Map.Entry<Long, Long> last = runs.lastEntry();
    if (last != null && last.getValue() == cluster) {
      runs.put(last.getKey(), cluster + 1);
    } else {
      runs.put(cluster, cluster + 1);
    }
  }

  /** The runs, the lowest first. */
  List<Run> runs() {
    List<Run> list = new ArrayList<>();
    runs.forEach((first, end) -> list.add(new Run(first, end)));
    return list;
  }

  /** Takes the lowest clusters that lie side by side; empty if nowhere so many do. */
  OptionalLong takeTogether(long clusterCount) {
    for (Map.Entry<Long, Long> run : runs.entrySet()) {
      if (run.getValue() - run.getKey() >= clusterCount) {
        long first = run.getKey();
        remove(first, clusterCount);
        return OptionalLong.of(first);
      }
    }
    return OptionalLong.empty();
  }

  /** Takes clusters of one run. */
  void remove(long first, long clusterCount) {
    Map.Entry<Long, Long> run = runs.floorEntry(first);
    long end = run.getValue();
    if (run.getKey() == first) {
      runs.remove(first);
    } else {
      runs.put(run.getKey(), first);
    }
    if (first + clusterCount < end) {
      runs.put(first + clusterCount, end);
    }
  }
}
