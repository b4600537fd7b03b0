package dev.platter.qcow2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Finds out what of the end of an image's file can go to free clusters before it.
 *
 * <ul>
 *   <li>I1. All that lies at or behind some cluster moves, and all of it to places before that
 *       cluster: so the file ends there afterwards.
 *   <li>I2. What moves at once is bounded, in number and in bytes; the rest is for the next plan.
 *   <li>I3. Compressed data stays where it is, and all before it, where a cluster that it touches
 *       is named as a whole too: what is left of the cluster's references would have no COPIED flag
 *       when one is left.
 * </ul>
 *
 * <p>Tables of several clusters need as many side by side. Where these are not to be had, what lies
 * in the way moves first ({@link #roomFor}).
 *
 * <p>Threads: one.
 */
final class CompactionPlan {
  private final ClusterGeometry geometry;
  private final StoredRefcounts stored;
  private final ImageTables tables;
  private final LayoutSurvey survey;
  private final List<Long> tail;
  private final FreeClusters free;

  private CompactionPlan(
      ClusterGeometry geometry,
      StoredRefcounts stored,
      ImageTables tables,
      LayoutSurvey survey,
      List<Long> tail,
      FreeClusters free) {
    this.geometry = geometry;
    this.stored = stored;
    this.tables = tables;
    this.survey = survey;
    this.tail = tail;
    this.free = free;
  }

  /**
   * What is to move next.
   *
   * @param tables those of the image as it is
   * @param endCluster the end of the clusters in use
   * @param maximumClusters how many clusters in use are dealt with at most
   * @return empty if nothing can
   */
  static Optional<Relocation> next(
      String imageName,
      ImageFile file,
      Qcow2Header header,
      ImageTables tables,
      long endCluster,
      long maximumClusters)
      throws IOException {
    ClusterGeometry geometry = header.geometry();
    StoredRefcounts stored = new StoredRefcounts(file, geometry, header.refcountTable());
    FreeClusters free = new FreeClusters();
    List<Long> tail = new ArrayList<>();
    long low = nextFree(stored, 1, endCluster);
    long high = endCluster - 1;
    while (low < high && tail.size() < maximumClusters) { // I2
      free.append(low);
      tail.add(high);
      low = nextFree(stored, low + 1, endCluster);
      do {
        high--;
      } while (stored.get(high) == 0);
    }
    if (tail.isEmpty()) {
      return Optional.empty();
    }
    LayoutSurvey survey = LayoutSurvey.of(imageName, file, header, tables, tail.getLast());
    return new CompactionPlan(geometry, stored, tables, survey, tail, free).find();
  }

  /** The first free cluster from one on that can be counted without another refcount block. */
  private static long nextFree(StoredRefcounts stored, long cluster, long end) throws IOException {
    long at = cluster;
    while (at < end && (stored.get(at) != 0 || !stored.stored(at))) {
      at++;
    }
    return at;
  }

  private Optional<Relocation> find() throws IOException {
    int count = tail.size();
    long lowest = Math.max(survey.streams().lowestCluster(), survey.sharedEnd()); // I3
    while (count > 0 && tail.get(count - 1) < lowest) {
      count--;
    }
    Optional<PointerTable> misfit = Optional.empty();
    while (count > 0) {
      Relocation plan = new Relocation(geometry);
      FreeClusters left = free.copy();
      misfit = placeTables(plan, left, tail.get(count - 1));
      if (misfit.isEmpty() && placeOthers(plan, left, count)) {
        return Optional.of(plan);
      }
      count = misfit.isPresent() ? countBehind(misfit.get()) : count / 2;
    }
    return misfit.isPresent() ? roomFor(misfit.get()) : Optional.empty();
  }

  /** Places the tables of several clusters; returns one for which there is no room. */
  private Optional<PointerTable> placeTables(Relocation plan, FreeClusters left, long from) {
    List<PointerTable> behind = new ArrayList<>();
    for (PointerTable table : tables.tables()) {
      if (endCluster(table) > from) {
        behind.add(table);
      }
    }
    behind.sort(Comparator.comparingLong(PointerTable::bytes).reversed());
    for (PointerTable table : behind) {
      long count = geometry.clusterCount(table.bytes());
      OptionalLong place = left.takeTogether(count);
      if (place.isEmpty()) {
        return Optional.of(table);
      }
      plan.moveTogether(firstCluster(table), place.getAsLong(), count);
    }
    return Optional.empty();
  }

  /** Places compressed data, then what moves cluster by cluster, in its order. */
  private boolean placeOthers(Relocation plan, FreeClusters left, int count) {
    if (!new StreamPacking(geometry, left, plan).place(survey.streams(), tail.get(count - 1))) {
      return false;
    }
    for (int i = count - 1; i >= 0; i--) {
      long cluster = tail.get(i);
      if (!plan.moves(cluster) && !survey.compressed().get((int) cluster)) {
        OptionalLong place = left.takeTogether(1);
        if (place.isEmpty()) {
          return false;
        }
        plan.move(cluster, place.getAsLong());
      }
    }
    return true;
  }

  /** How many clusters in use lie behind a table. */
  private int countBehind(PointerTable table) {
    int count = 0;
    while (tail.get(count) >= endCluster(table)) {
      count++;
    }
    return count;
  }

  /** Moves a table where there is room, or away what is in the way of fewest clusters. */
  private Optional<Relocation> roomFor(PointerTable table) throws IOException {
    long count = geometry.clusterCount(table.bytes());
    BitSet blocked = blocked();
    long best = -1;
    long fewest = Long.MAX_VALUE;
    long used = 0;
    long clear = 0;
    for (long at = 1; at < firstCluster(table); at++) {
      clear = blocked.get((int) at) || !stored.stored(at) ? 0 : clear + 1;
      used = clear == 0 ? 0 : used + inUse(at);
      if (clear > count) {
        used -= inUse(at - count);
      }
      if (clear >= count && used < fewest) {
        fewest = used;
        best = at - count + 1;
      }
    }
    if (best < 0) {
      return Optional.empty();
    }
    Relocation plan = new Relocation(geometry);
    if (fewest == 0) {
      plan.moveTogether(firstCluster(table), best, count);
      return Optional.of(plan);
    }
    return emptied(plan, best, best + count, firstCluster(table));
  }

  /** Moves what lies in a window elsewhere before an end, if there is room. */
  private Optional<Relocation> emptied(Relocation plan, long from, long to, long end)
      throws IOException {
    long place = 0;
    for (long at = from; at < to; at++) {
      if (inUse(at) == 1) {
        do {
          place = nextFree(stored, place + 1, end);
        } while (place >= from && place < to);
        if (place == end) {
          return Optional.empty();
        }
        plan.move(at, place);
      }
    }
    return Optional.of(plan);
  }

  /** What cannot be moved cluster by cluster. */
  private BitSet blocked() {
    BitSet blocked = (BitSet) survey.compressed().clone();
    for (PointerTable table : tables.tables()) {
      blocked.set((int) firstCluster(table), (int) endCluster(table));
    }
    return blocked;
  }

  private int inUse(long cluster) throws IOException {
    return stored.get(cluster) == 0 ? 0 : 1;
  }

  private long firstCluster(PointerTable table) {
    return geometry.clusterIndex(table.offset());
  }

  private long endCluster(PointerTable table) {
    return firstCluster(table) + geometry.clusterCount(table.bytes());
  }
}
