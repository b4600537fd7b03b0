package dev.platter.qcow2;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Has clusters of the guest's disk lie side by side in the order of the disk, a number of them at a
 * time: what is in the way goes to free clusters behind them.
 *
 * <ul>
 *   <li>I1. What does not move is stepped over: tables, clusters that hold compressed data too, and
 *       what no refcount block counts.
 *   <li>I2. Before {@link #target} each cluster that can be moved is where it is to be. So of the
 *       free clusters none lies there, and as many as are moved at a time are enough.
 *   <li>I3. Clusters are moved at most twice in a step: out of the way, and to their place.
 * </ul>
 *
 * <p>Threads: one.
 */
final class GuestOrderMoves {
  private final String imageName;
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final GuestOrder order;
  private final BitSet obstacles;
  private final int maximumClusters;
  private final Map<Long, Long> wanted = new LinkedHashMap<>();
  private long target;

  /**
   * @param obstacles the clusters that stay, the header's among them
   * @param maximumClusters how many clusters change places in a step; so many are free
   */
  GuestOrderMoves(
      String imageName,
      ImageFile file,
      ClusterGeometry geometry,
      GuestOrder order,
      BitSet obstacles,
      int maximumClusters) {
    this.imageName = imageName;
    this.file = file;
    this.geometry = geometry;
    this.order = order;
    this.obstacles = obstacles;
    this.maximumClusters = maximumClusters;
    this.target = obstacles.nextClearBit(0);
  }

  /** Finds the next clusters that are to move; returns whether there are any. */
  boolean next() throws IOException {
    order.clustersHaveMoved();
    wanted.clear();
    long placed = target; // before it all is in place
    long cluster = 1;
    while (wanted.size() < maximumClusters && cluster != 0) {
      cluster = order.next();
      boolean moves = cluster >= placed && !obstacles.get((int) cluster);
      if (moves && !wanted.containsKey(cluster)) { // two places may share a cluster
        wanted.put(cluster, target);
        boolean inPlace = cluster == target && wanted.size() == 1;
        target = obstacles.nextClearBit((int) target + 1);
        if (inPlace) {
          wanted.clear();
          placed = target;
        }
      }
    }
    wanted.entrySet().removeIf(each -> each.getKey().equals(each.getValue()));
    return !wanted.isEmpty();
  }

  /**
   * The first half of a step: what finds its place free goes there, and what is in the way of the
   * others goes elsewhere.
   */
  Relocation clearing(Qcow2Header header) throws IOException {
    StoredRefcounts stored = new StoredRefcounts(file, geometry, header.refcountTable());
    Relocation plan = new Relocation(geometry);
    for (Map.Entry<Long, Long> each : wanted.entrySet()) {
      if (stored.get(each.getValue()) == 0 && stored.stored(each.getValue())) {
        plan.move(each.getKey(), each.getValue());
      }
    }
    plan.clusters().keySet().forEach(wanted::remove);
    Spare spare = new Spare(stored, new HashSet<>(plan.clusters().values()));
    Map<Long, Long> elsewhere = new LinkedHashMap<>();
    for (long place : wanted.values()) {
      if (!plan.moves(place)) {
        long to = spare.next();
        plan.move(place, to);
        elsewhere.put(place, to);
      }
    }
    elsewhere.forEach(
        (from, to) -> {
          if (wanted.containsKey(from)) {
            wanted.put(to, wanted.remove(from));
          }
        });
    return plan;
  }

  /** The second half: what is left goes to its place. */
  Relocation placing() {
    Relocation plan = new Relocation(geometry);
    wanted.forEach(plan::move);
    return plan;
  }

  /** Free clusters behind those that are wanted: the last of the file first, then behind it. */
  private final class Spare {
    private final StoredRefcounts stored;
    private final Set<Long> taken;
    private long below;
    private long behind;

    Spare(StoredRefcounts stored, Set<Long> taken) {
      this.stored = stored;
      this.taken = taken;
      long fileEnd = geometry.clusterCount(file.node().size());
      this.below = fileEnd;
      this.behind = Math.max(fileEnd, target) - 1;
    }

    long next() throws IOException {
      while (below > target) {
        below--;
        if (free(below)) {
          return below;
        }
      }
      long end =
          stored.storedBefore((long) stored.tableEntryCount() << geometry.refcountBlockBits());
      do {
        behind++;
      } while (behind < end && !free(behind));
      if (behind >= end) {
        throw new BlockIoException(imageName, "find room to move clusters", Errno.ENOSPC);
      }
      return behind;
    }

    private boolean free(long cluster) throws IOException {
      return stored.stored(cluster) && stored.get(cluster) == 0 && !taken.contains(cluster);
    }
  }
}
