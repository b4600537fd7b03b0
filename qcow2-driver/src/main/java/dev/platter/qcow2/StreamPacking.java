package dev.platter.qcow2;

import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;

/**
 * Finds room for compressed data that moves. What lies side by side stays side by side as far as a
 * run of free clusters goes, at the same distance from a sector's beginning: so entries keep their
 * lengths, and at most a sector is lost where data is parted.
 *
 * <p>Threads: one.
 */
final class StreamPacking {
  private static final long SECTOR_MASK = -(long) L2Entry.SECTOR_BYTES;

  private final ClusterGeometry geometry;
  private final FreeClusters free;
  private final Relocation plan;
  private final Iterator<FreeClusters.Run> runs;
  private final Map<Long, Long> references = new HashMap<>();
  private long place;
  private long runEnd;
  private long blockFrom;
  private long blockTo;
  private long blockEnd;

  /**
   * @param free from which the clusters that are used are taken
   */
  StreamPacking(ClusterGeometry geometry, FreeClusters free, Relocation plan) {
    this.geometry = geometry;
    this.free = free;
    this.plan = plan;
    this.runs = free.runs().iterator();
  }

  /** Places the streams; returns whether there was room for all. */
  boolean place(CompressedStreams streams, long fromCluster) {
    boolean placed = streams.forEach(fromCluster, this::place);
    endBlock();
    references.keySet().forEach(cluster -> free.remove(cluster, 1));
    return placed;
  }

  private boolean place(long entry, long times) {
    long offset = L2Entry.compressedOffset(entry, geometry.clusterBits());
    long end = CompressedStreams.end(geometry, entry);
    boolean adjacent = blockFrom != blockEnd && (offset & SECTOR_MASK) <= blockEnd;
    if (!adjacent || !fits(offset - blockFrom + blockTo, end - blockFrom + blockTo, times)) {
      endBlock();
      if (!beginBlock(offset, end, times)) {
        return false;
      }
    }
    long moved = offset - blockFrom + blockTo;
    blockEnd = Math.max(blockEnd, end);
    place = blockEnd - blockFrom + blockTo;
    for (long at = geometry.clusterIndex(moved); at <= lastCluster(moved + end - offset); at++) {
      references.merge(at, times, Long::sum);
    }
    plan.moveStream(entry, entry - offset + moved, times);
    return true;
  }

  /** Finds a place behind what is placed for a stream, as the first of a block. */
  private boolean beginBlock(long offset, long end, long times) {
    long from = offset & SECTOR_MASK;
    while (!fits(place + offset - from, place + end - from, times)) {
      long next = geometry.alignDown(place) + geometry.clusterBytes();
      if (next < runEnd) {
        place = next;
      } else if (runs.hasNext()) {
        FreeClusters.Run run = runs.next();
        place = geometry.clusterOffset(run.first());
        runEnd = geometry.clusterOffset(run.end());
      } else {
        return false;
      }
    }
    blockFrom = from;
    blockTo = place;
    blockEnd = from;
    return true;
  }

  private void endBlock() {
    if (blockEnd > blockFrom) {
      plan.copy(new Relocation.Block(blockFrom, blockTo, blockEnd - blockFrom));
    }
    blockFrom = blockEnd;
  }

  /** Whether a run has these bytes, and their clusters can count so many references more. */
  private boolean fits(long offset, long end, long times) {
    if (end > runEnd) {
      return false;
    }
    for (long at = geometry.clusterIndex(offset); at <= lastCluster(end); at++) {
      long count = references.getOrDefault(at, 0L) + times;
      if (Long.compareUnsigned(count, geometry.maximumRefcount()) > 0) {
        return false;
      }
    }
    return true;
  }

  private long lastCluster(long end) {
    return geometry.clusterIndex(end - 1);
  }
}
