package dev.platter.qcow2;

import dev.platter.api.error.CorruptImageException;
import dev.platter.qcow2.MetadataRegions.Region;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Knows which host clusters hold metadata that is in use, so that no guest write and no allocation
 * falls on it, whatever the tables of a damaged or hostile image say. Which kinds of metadata are
 * watched is the user's choice.
 *
 * <p>Filled at the first question: opening an image reads no table. Threads: {@link #clear} by any
 * number, without a lock; {@link #add} and {@link #remove} under the metadata lock.
 */
final class OverlapCheck {
  /**
   * How many clusters of structures of fixed place are watched; only an image that means harm has
   * more. The sizes of snapshots' tables come from the image and were not checked.
   */
  private static final long MAXIMUM_REGION_CLUSTERS = 1 << 22;

  /**
   * What is watched.
   *
   * @param regions structures that do not move
   * @param clusters all clusters of metadata, but for the next
   * @param inactiveTables L2 tables of internal snapshots, which stay although the active table of
   *     the same place moves away; empty unless they are watched
   * @param misplacedTables where active L2 tables are said to be although other metadata is there;
   *     empty unless the image is damaged
   */
  private record Watched(
      List<Region> regions,
      ClusterSet clusters,
      ClusterSet inactiveTables,
      ClusterSet misplacedTables) {}

  private final ImageFile file;
  private final Qcow2Header header;
  private final String imageName;
  private final ClusterGeometry geometry;
  private final Set<MetadataKind> kinds;
  private final L1Table l1Table;
  private final RefcountTable refcountTable;
  private final Corruption corruption;
  private final boolean inactiveWatched;
  private volatile Watched watched;

  /**
   * @param kinds what is watched
   */
  OverlapCheck(
      String imageName,
      ImageFile file,
      Qcow2Header header,
      Set<MetadataKind> kinds,
      L1Table l1Table,
      RefcountTable refcountTable,
      Corruption corruption) {
    this.imageName = imageName;
    this.file = file;
    this.header = header;
    this.geometry = header.geometry();
    this.kinds = kinds;
    this.l1Table = l1Table;
    this.refcountTable = refcountTable;
    this.corruption = corruption;
    this.inactiveWatched =
        kinds.contains(MetadataKind.INACTIVE_L2) && header.snapshotTable().count() > 0;
  }

  /** Whether none of these clusters holds metadata that is watched. */
  boolean clear(long firstCluster, int clusterCount) throws IOException {
    if (kinds.isEmpty()) {
      return true;
    }
    Watched known = watched();
    for (long cluster = firstCluster; cluster < firstCluster + clusterCount; cluster++) {
      if (known.clusters().contains(cluster)
          || (inactiveWatched && known.inactiveTables().contains(cluster))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Lets clusters be written by returning.
   *
   * @throws CorruptImageException if one of them holds metadata
   */
  void requireClear(long firstCluster, int clusterCount) throws IOException {
    if (clear(firstCluster, clusterCount)) {
      return;
    }
    long cluster = firstCluster;
    while (clear(cluster, 1)) {
      cluster++;
    }
    throw overlap(kinds, cluster);
  }

  /**
   * Lets an active L2 table be written in place by returning.
   *
   * @throws CorruptImageException if other metadata is in its cluster
   */
  void requireTableClear(long clusterIndex) throws IOException {
    if (kinds.isEmpty()) {
      return;
    }
    Watched known = watched();
    if (known.misplacedTables().contains(clusterIndex)
        || (inactiveWatched && known.inactiveTables().contains(clusterIndex))) {
      Set<MetadataKind> others = EnumSet.copyOf(kinds);
      others.remove(MetadataKind.ACTIVE_L2);
      throw overlap(others, clusterIndex);
    }
  }

  /**
   * Lets the directory of bitmaps be written in place by returning.
   *
   * @throws CorruptImageException if other metadata is in its clusters
   */
  void requireDirectoryClear(long firstCluster, int clusterCount) throws IOException {
    Set<MetadataKind> others = EnumSet.of(MetadataKind.HEADER);
    others.addAll(kinds);
    others.remove(MetadataKind.BITMAP_DIRECTORY);
    for (long cluster = firstCluster; cluster < firstCluster + clusterCount; cluster++) {
      for (MetadataKind kind : others) {
        if (cluster == 0 || holds(kind, cluster)) {
          throw overlap(others, cluster);
        }
      }
    }
  }

  private CorruptImageException overlap(Set<MetadataKind> among, long clusterIndex)
      throws IOException {
    return corruption.fatal(
        "Preventing invalid write on metadata (overlaps with %s)"
            .formatted(describe(among, clusterIndex).words()));
  }

  /** Which of these kinds a cluster holds that holds one. */
  private MetadataKind describe(Set<MetadataKind> among, long clusterIndex) throws IOException {
    for (MetadataKind kind : among) {
      if (holds(kind, clusterIndex)) {
        return kind;
      }
    }
    return MetadataKind.REFCOUNT_BLOCK;
  }

  private boolean holds(MetadataKind kind, long clusterIndex) throws IOException {
    return switch (kind) {
      case HEADER, ACTIVE_L1, SNAPSHOT_TABLE, INACTIVE_L1, BITMAP_DIRECTORY ->
          watched().regions().stream()
              .anyMatch(region -> region.kind() == kind && region.contains(clusterIndex));
      case ACTIVE_L2 -> {
        int end = l1Table.entryCount();
        int index = l1Table.nextAllocated(0, end);
        while (index < end && l2Cluster(index) != clusterIndex) {
          index = l1Table.nextAllocated(index + 1, end);
        }
        yield index < end;
      }
      case REFCOUNT_TABLE -> {
        TableLocation table = refcountTable.location();
        yield new Region(kind, geometry.clusterIndex(table.offset()), table.count())
            .contains(clusterIndex);
      }
      case REFCOUNT_BLOCK -> {
        int index = 0;
        while (index < refcountTable.entryCount() && blockCluster(index) != clusterIndex) {
          index++;
        }
        yield index < refcountTable.entryCount();
      }
      case INACTIVE_L2 -> watched().inactiveTables().contains(clusterIndex);
    };
  }

  /** Notes clusters that now hold metadata of a kind. */
  void add(MetadataKind kind, long firstCluster, int clusterCount) throws IOException {
    if (kinds.contains(kind)) {
      addRange(watched().clusters(), firstCluster, clusterCount);
    }
  }

  /** Notes clusters that no longer hold metadata of a kind. */
  void remove(MetadataKind kind, long firstCluster, int clusterCount) throws IOException {
    if (!kinds.contains(kind)) {
      return;
    }
    Watched known = watched();
    for (long cluster = firstCluster; cluster < firstCluster + clusterCount; cluster++) {
      if (kind != MetadataKind.ACTIVE_L2 || !known.misplacedTables().contains(cluster)) {
        known.clusters().remove(cluster);
      }
    }
  }

  private Watched watched() throws IOException {
    Watched known = watched;
    return known == null ? load() : known;
  }

  private synchronized Watched load() throws IOException {
    if (watched != null) {
      return watched;
    }
    MetadataRegions found = MetadataRegions.of(imageName, file, header, kinds);
    ClusterSet clusters = new ClusterSet();
    long left = MAXIMUM_REGION_CLUSTERS;
    for (Region region : found.regions()) {
      long count = Math.min(region.clusterCount(), left);
      addRange(clusters, region.firstCluster(), count);
      left -= count;
    }
    addRefcounts(clusters);
    ClusterSet misplacedTables = misplacedTables(clusters);
    addL2Tables(clusters);
    ClusterSet inactiveTables = new ClusterSet();
    found.forEachInactiveL2Table(inactiveTables::add);
    watched = new Watched(found.regions(), clusters, inactiveTables, misplacedTables);
    return watched;
  }

  private void addRefcounts(ClusterSet clusters) throws IOException {
    if (kinds.contains(MetadataKind.REFCOUNT_TABLE)) {
      TableLocation table = refcountTable.location();
      addRange(clusters, geometry.clusterIndex(table.offset()), table.count());
    }
    if (kinds.contains(MetadataKind.REFCOUNT_BLOCK)) {
      for (int i = 0; i < refcountTable.entryCount(); i++) {
        addTable(clusters, blockCluster(i));
      }
    }
  }

  /** The places of active L2 tables among clusters of other metadata. */
  private ClusterSet misplacedTables(ClusterSet others) throws IOException {
    ClusterSet misplaced = new ClusterSet();
    for (int i = 0; i < l1Table.entryCount(); i++) {
      long cluster = l2Cluster(i);
      if (cluster != 0 && others.contains(cluster)) {
        misplaced.add(cluster);
      }
    }
    return misplaced;
  }

  private void addL2Tables(ClusterSet clusters) throws IOException {
    if (kinds.contains(MetadataKind.ACTIVE_L2)) {
      for (int i = 0; i < l1Table.entryCount(); i++) {
        addTable(clusters, l2Cluster(i));
      }
    }
  }

  private long blockCluster(int tableIndex) throws IOException {
    return geometry.clusterIndex(RefcountTable.blockOffset(refcountTable.entry(tableIndex)));
  }

  private long l2Cluster(int l1Index) throws IOException {
    return geometry.clusterIndex(L1Entry.tableOffset(l1Table.entry(l1Index)));
  }

  /** Cluster 0 is the header's: a table there is one that is not there. */
  private static void addTable(ClusterSet clusters, long cluster) {
    if (cluster != 0) {
      clusters.add(cluster);
    }
  }

  private static void addRange(ClusterSet clusters, long firstCluster, long clusterCount) {
    for (long cluster = firstCluster; cluster < firstCluster + clusterCount; cluster++) {
      clusters.add(cluster);
    }
  }
}
