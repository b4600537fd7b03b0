package dev.platter.qcow2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where clusters, and compressed data, are to go. What is not named stays where it is; what a
 * cluster goes to is free, and nothing else goes there.
 *
 * <p>Threads: one.
 */
final class Relocation {
  /** Bytes of compressed data that keep their distances. */
  record Block(long from, long to, long bytes) {}

  private final ClusterGeometry geometry;
  private final TreeMap<Long, Long> clusters = new TreeMap<>();
  private final Map<Long, Long> entries = new HashMap<>();
  private final Map<Long, Long> raised = new HashMap<>();
  private final Map<Long, Long> lowered = new HashMap<>();
  private final List<Block> blocks = new ArrayList<>();

  Relocation(ClusterGeometry geometry) {
    this.geometry = geometry;
  }

  /** Moves a cluster with all its references. */
  void move(long from, long to) {
    clusters.put(from, to);
  }

  /** Moves clusters side by side. */
  void moveTogether(long from, long to, long clusterCount) {
    for (long i = 0; i < clusterCount; i++) {
      move(from + i, to + i);
    }
  }

  /**
   * Moves compressed data.
   *
   * @param entry the L2 entry that names it
   * @param moved the entry that is to take its place
   * @param times how many entries there are
   */
  void moveStream(long entry, long moved, long times) {
    entries.put(entry, moved);
    count(lowered, entry, times);
    count(raised, moved, times);
  }

  private void count(Map<Long, Long> counts, long entry, long times) {
    long first = geometry.clusterIndex(L2Entry.compressedOffset(entry, geometry.clusterBits()));
    long last = geometry.clusterIndex(CompressedStreams.end(geometry, entry) - 1);
    for (long cluster = first; cluster <= last; cluster++) {
      counts.merge(cluster, times, Long::sum);
    }
  }

  /** Has bytes of compressed data copied. */
  void copy(Block block) {
    blocks.add(block);
  }

  boolean isEmpty() {
    return clusters.isEmpty() && entries.isEmpty();
  }

  /** Whether a cluster goes elsewhere as a whole. */
  boolean moves(long cluster) {
    return clusters.containsKey(cluster);
  }

  /** Where a cluster goes, or is. */
  long target(long cluster) {
    return clusters.getOrDefault(cluster, cluster);
  }

  /** The word that takes the place of one that names a cluster or a table. */
  long pointer(long word) {
    long offset = word & PointerTable.OFFSET_MASK;
    long target = geometry.clusterOffset(target(geometry.clusterIndex(offset)));
    return offset == 0 ? word : (word & ~PointerTable.OFFSET_MASK) | target;
  }

  /** The word that takes the place of an L2 entry. */
  long l2Entry(long entry) {
    return (entry & L2Entry.COMPRESSED) != 0 ? entries.getOrDefault(entry, entry) : pointer(entry);
  }

  /** Clusters that move as wholes, and where they go. */
  Map<Long, Long> clusters() {
    return clusters;
  }

  /** How many references of compressed data clusters get. */
  Map<Long, Long> raised() {
    return raised;
  }

  /** How many references of compressed data clusters lose. */
  Map<Long, Long> lowered() {
    return lowered;
  }

  List<Block> blocks() {
    return blocks;
  }

  /** Bytes that are written to another place. */
  long bytes() {
    long bytes = geometry.clusterOffset(clusters.size());
    for (Block block : blocks) {
      bytes += block.bytes();
    }
    return bytes;
  }
}
