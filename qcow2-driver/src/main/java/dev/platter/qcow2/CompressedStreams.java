package dev.platter.qcow2;

import java.util.Map;
import java.util.TreeMap;

/**
 * Compressed clusters that lie at or behind a host cluster, in the order in which they lie, with
 * the number of references to each. Of more than fit in memory, the highest.
 *
 * <p>Threads: one.
 */
final class CompressedStreams {
  /** So many are kept: 16 MiB or so. */
  static final int MAXIMUM = 1 << 17;

  private final ClusterGeometry geometry;
  private final int sectorBits;
  private final TreeMap<Long, Long> references = new TreeMap<>();
  private long lowestCluster;

  /**
   * @param lowestCluster of streams, those are kept that touch this cluster or one behind it
   */
  CompressedStreams(ClusterGeometry geometry, long lowestCluster) {
    this.geometry = geometry;
    this.sectorBits = geometry.clusterBits() - 8;
    this.lowestCluster = lowestCluster;
  }

  /** Notes references by an L2 entry. */
  void add(long entry, long times) {
    if (lastCluster(entry) < lowestCluster) {
      return;
    }
    references.merge(key(entry), times, Long::sum);
    if (references.size() > MAXIMUM) {
      lowestCluster = lastCluster(entry(references.pollFirstEntry().getKey())) + 1;
    }
  }

  /** From this cluster on, nothing is missing. */
  long lowestCluster() {
    return lowestCluster;
  }

  /** Takes streams with their references. */
  @FunctionalInterface
  interface Visitor {
    /** Takes one; returns whether to go on. */
    boolean visit(long entry, long times);
  }

  /**
   * Passes on the streams that touch this cluster, at least the lowest, or one behind it.
   *
   * @return whether the visitor took all
   */
  boolean forEach(long fromCluster, Visitor visitor) {
    for (Map.Entry<Long, Long> each : references.entrySet()) {
      long entry = entry(each.getKey());
      if (lastCluster(entry) >= fromCluster && !visitor.visit(entry, each.getValue())) {
        return false;
      }
    }
    return true;
  }

  /** The first cluster that an entry's stream touches. */
  long firstCluster(long entry) {
    return geometry.clusterIndex(L2Entry.compressedOffset(entry, geometry.clusterBits()));
  }

  /** The last cluster that an entry's stream touches. */
  long lastCluster(long entry) {
    return geometry.clusterIndex(end(geometry, entry) - 1);
  }

  /** The end of the bytes that an entry's stream may take. */
  static long end(ClusterGeometry geometry, long entry) {
    int clusterBits = geometry.clusterBits();
    return L2Entry.compressedOffset(entry, clusterBits)
        + L2Entry.compressedBytes(entry, clusterBits);
  }

  /** An entry with its offset in front, so that the order is that of the file. */
  private long key(long entry) {
    int offsetBits = L2Entry.compressedOffsetBits(geometry.clusterBits());
    long sectors = (entry >>> offsetBits) & ((1L << sectorBits) - 1);
    return L2Entry.compressedOffset(entry, geometry.clusterBits()) << sectorBits | sectors;
  }

  private long entry(long key) {
    int offsetBits = L2Entry.compressedOffsetBits(geometry.clusterBits());
    return L2Entry.COMPRESSED | (key & ((1L << sectorBits) - 1)) << offsetBits | key >>> sectorBits;
  }
}
