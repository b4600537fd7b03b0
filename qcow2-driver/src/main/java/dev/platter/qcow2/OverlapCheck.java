package dev.platter.qcow2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Knows which host clusters hold metadata that is in use, so that no guest write and no allocation
 * falls on it, whatever the tables of a damaged or hostile image say.
 *
 * <p>Filled at the first question: opening an image reads no table. Threads: {@link #clear} by any
 * number, without a lock; {@link #add} and {@link #remove} under the metadata lock.
 */
final class OverlapCheck {
  /** A structure of fixed place, by QEMU's name for it. */
  record Region(String name, long firstCluster, long clusterCount) {
    boolean contains(long clusterIndex) {
      return clusterIndex >= firstCluster && clusterIndex < firstCluster + clusterCount;
    }
  }

  private final ClusterGeometry geometry;
  private final L1Table l1Table;
  private final RefcountTable refcountTable;
  private final Corruption corruption;
  private final List<Region> regions = new ArrayList<>();
  private volatile ClusterSet clusters;

  OverlapCheck(
      Qcow2Header header, L1Table l1Table, RefcountTable refcountTable, Corruption corruption) {
    this.corruption = corruption;
    this.geometry = header.geometry();
    this.l1Table = l1Table;
    this.refcountTable = refcountTable;
    regions.add(new Region("qcow2_header", 0, 1));
    TableLocation l1 = header.l1Table();
    regions.add(
        new Region(
            "active L1 table",
            geometry.clusterIndex(l1.offset()),
            geometry.clusterCount((long) l1.count() * Long.BYTES)));
  }

  /** Whether none of these clusters holds metadata. */
  boolean clear(long firstCluster, int clusterCount) throws IOException {
    ClusterSet known = clusters();
    for (long cluster = firstCluster; cluster < firstCluster + clusterCount; cluster++) {
      if (known.contains(cluster)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Lets clusters be written by returning.
   *
   * @throws dev.platter.api.error.CorruptImageException if one of them holds metadata
   */
  void requireClear(long firstCluster, int clusterCount) throws IOException {
    if (clear(firstCluster, clusterCount)) {
      return;
    }
    long cluster = firstCluster;
    while (clear(cluster, 1)) {
      cluster++;
    }
    throw corruption.fatal(
        "Preventing invalid write on metadata (overlaps with %s)".formatted(describe(cluster)));
  }

  /** What a cluster holds that is not {@link #clear}, in QEMU's words. */
  private String describe(long clusterIndex) throws IOException {
    for (Region region : regions) {
      if (region.contains(clusterIndex)) {
        return region.name();
      }
    }
    for (int i = 0; i < l1Table.entryCount(); i++) {
      if (geometry.clusterIndex(L1Entry.tableOffset(l1Table.entry(i))) == clusterIndex) {
        return "active L2 table";
      }
    }
    TableLocation table = refcountTable.location();
    Region own = new Region("refcount table", geometry.clusterIndex(table.offset()), table.count());
    return own.contains(clusterIndex) ? own.name() : "refcount block";
  }

  /** Notes clusters that now hold metadata. */
  void add(long firstCluster, int clusterCount) throws IOException {
    ClusterSet known = clusters();
    for (long cluster = firstCluster; cluster < firstCluster + clusterCount; cluster++) {
      known.add(cluster);
    }
  }

  /** Notes clusters that no longer hold metadata. */
  void remove(long firstCluster, int clusterCount) throws IOException {
    ClusterSet known = clusters();
    for (long cluster = firstCluster; cluster < firstCluster + clusterCount; cluster++) {
      known.remove(cluster);
    }
  }

  private ClusterSet clusters() throws IOException {
    ClusterSet known = clusters;
    return known == null ? load() : known;
  }

  private synchronized ClusterSet load() throws IOException {
    if (clusters != null) {
      return clusters;
    }
    ClusterSet known = new ClusterSet();
    for (Region region : regions) {
      addRange(known, region.firstCluster(), region.clusterCount());
    }
    TableLocation table = refcountTable.location();
    addRange(known, geometry.clusterIndex(table.offset()), table.count());
    for (int i = 0; i < refcountTable.entryCount(); i++) {
      addTable(known, RefcountTable.blockOffset(refcountTable.entry(i)));
    }
    for (int i = 0; i < l1Table.entryCount(); i++) {
      addTable(known, L1Entry.tableOffset(l1Table.entry(i)));
    }
    clusters = known;
    return known;
  }

  private void addTable(ClusterSet known, long offset) {
    if (offset != 0) {
      known.add(geometry.clusterIndex(offset));
    }
  }

  private static void addRange(ClusterSet known, long firstCluster, long clusterCount) {
    for (long cluster = firstCluster; cluster < firstCluster + clusterCount; cluster++) {
      known.add(cluster);
    }
  }
}
