package dev.platter.qcow2;

import java.io.IOException;
import java.util.OptionalLong;

/**
 * Finds room for compressed clusters, side by side as QEMU packs them: several share a host
 * cluster, and one may go on into the next.
 *
 * <ul>
 *   <li><b>I1</b> Each host cluster that a compressed cluster touches has one reference for it.
 *   <li><b>I2</b> The tail lies in a host cluster that is in use, and of which nothing was let go
 *       of ({@link PackingTail}): so what is added there is never punched or handed out to others.
 *   <li><b>I3</b> A byte is given out once: what a failed write leaves unused is not tried again.
 * </ul>
 *
 * <p>Threads: under the metadata lock.
 */
final class CompressedPacking {
  private final ClusterGeometry geometry;
  private final Refcounts refcounts;
  private final ClusterAllocator allocator;
  private final OverlapCheck overlaps;
  private final PackingTail tail;

  CompressedPacking(
      ClusterGeometry geometry,
      Refcounts refcounts,
      ClusterAllocator allocator,
      OverlapCheck overlaps,
      PackingTail tail) {
    this.geometry = geometry;
    this.refcounts = refcounts;
    this.allocator = allocator;
    this.overlaps = overlaps;
    this.tail = tail;
  }

  /** Takes room behind the last compressed cluster; empty if its host cluster has not enough. */
  OptionalLong append(int bytes) throws IOException {
    return tail.room() >= bytes && raiseTail()
        ? OptionalLong.of(take(bytes))
        : OptionalLong.empty();
  }

  /**
   * Takes room that needs another host cluster.
   *
   * @param cluster a cluster that was allocated for it; it is in use afterwards
   */
  long append(int bytes, long cluster) throws IOException {
    long tailCluster = geometry.clusterIndex(tail.offset());
    boolean adjacent = tail.room() > 0 && tail.room() < bytes && tailCluster + 1 == cluster;
    if (!adjacent || !raiseTail()) {
      tail.moveTo(0);
      return takeAt(geometry.clusterOffset(cluster), bytes);
    }
    return take(bytes);
  }

  /** Gives room back that nothing points to. */
  void giveBack(long hostOffset, int bytes) throws IOException {
    long first = geometry.clusterIndex(hostOffset);
    long last = geometry.clusterIndex(hostOffset + bytes - 1);
    tail.leave(first, last - first + 1);
    allocator.giveBack(new ClusterAllocator.Run(first, (int) (last - first + 1)));
  }

  private boolean raiseTail() throws IOException {
    long cluster = geometry.clusterIndex(tail.offset());
    overlaps.requireClear(cluster, 1);
    return refcounts.raise(cluster);
  }

  private long take(int bytes) {
    return takeAt(tail.offset(), bytes);
  }

  private long takeAt(long offset, int bytes) {
    tail.moveTo(offset + bytes);
    return offset;
  }
}
