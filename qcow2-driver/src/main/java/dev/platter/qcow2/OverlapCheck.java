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
  /**
   * How many clusters of structures of fixed place are watched; only an image that means harm has
   * more. The sizes of snapshots' tables come from the image and were not checked.
   */
  private static final long MAXIMUM_REGION_CLUSTERS = 1 << 22;

  /** A structure of fixed place, by QEMU's name for it. */
  record Region(String name, long firstCluster, long clusterCount) {
    boolean contains(long clusterIndex) {
      return clusterIndex >= firstCluster && clusterIndex < firstCluster + clusterCount;
    }
  }

  private final ImageFile file;
  private final Qcow2Header header;
  private final String imageName;
  private final ClusterGeometry geometry;
  private final L1Table l1Table;
  private final RefcountTable refcountTable;
  private final Corruption corruption;
  private final List<Region> regions = new ArrayList<>();
  private volatile ClusterSet clusters;

  OverlapCheck(
      String imageName,
      ImageFile file,
      Qcow2Header header,
      L1Table l1Table,
      RefcountTable refcountTable,
      Corruption corruption) {
    this.imageName = imageName;
    this.file = file;
    this.header = header;
    this.geometry = header.geometry();
    this.l1Table = l1Table;
    this.refcountTable = refcountTable;
    this.corruption = corruption;
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
    addRange(clusters(), firstCluster, clusterCount);
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
    addRegions();
    long left = MAXIMUM_REGION_CLUSTERS;
    for (Region region : regions) {
      long count = Math.min(region.clusterCount(), left);
      addRange(known, region.firstCluster(), count);
      left -= count;
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

  /** What does not move while the image is open. */
  private void addRegions() throws IOException {
    regions.clear();
    regions.add(new Region("qcow2_header", 0, 1));
    TableLocation l1 = header.l1Table();
    regions.add(
        new Region(
            "active L1 table",
            geometry.clusterIndex(l1.offset()),
            geometry.clusterCount((long) l1.count() * Long.BYTES)));
    if (header.snapshotTable().count() > 0) {
      SnapshotTable snapshots = SnapshotTable.read(imageName, file, header);
      addWithinFile("snapshot table", header.snapshotTable().offset(), snapshots.bytes());
      for (InternalSnapshot snapshot : snapshots.snapshots()) {
        TableLocation table = snapshot.l1Table();
        long bytes = Integer.toUnsignedLong(table.count()) * Long.BYTES;
        addWithinFile("inactive L1 table", table.offset(), bytes);
      }
    }
    header
        .extension(HeaderExtension.Bitmaps.class)
        .ifPresent(
            bitmaps ->
                addWithinFile(
                    "bitmap directory", bitmaps.directoryOffset(), bitmaps.directoryBytes()));
  }

  /** Offset and size come from the image and were not checked. */
  private void addWithinFile(String name, long offset, long bytes) {
    long fileBytes = file.node().size();
    if (offset >= 0 && offset < fileBytes) {
      long end = offset + Math.clamp(bytes, 0, fileBytes - offset);
      long first = geometry.clusterIndex(offset);
      regions.add(new Region(name, first, geometry.clusterCount(end) - first));
    }
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
