package dev.platter.qcow2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * The structures of an image that do not move while it is open: header, L1 tables, snapshot table
 * and bitmap directory, and the L2 tables of internal snapshots.
 *
 * <p>Offsets and sizes of snapshots' tables come from the image and were not checked; what lies
 * behind the end of the file is left out.
 */
final class MetadataRegions {
  /** A structure in whole clusters. */
  record Region(MetadataKind kind, long firstCluster, long clusterCount) {
    boolean contains(long clusterIndex) {
      return clusterIndex >= firstCluster && clusterIndex < firstCluster + clusterCount;
    }
  }

  private record L1Bytes(long offset, long end) {}

  /** More bytes of L1 tables than this only an image has that means harm. */
  private static final long MAXIMUM_INACTIVE_L1_BYTES = 256L << 20;

  private static final int READ_BYTES = 64 << 10;

  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final Set<MetadataKind> kinds;
  private final List<Region> regions = new ArrayList<>();
  private final List<L1Bytes> inactiveL1 = new ArrayList<>();

  private MetadataRegions(ImageFile file, ClusterGeometry geometry, Set<MetadataKind> kinds) {
    this.file = file;
    this.geometry = geometry;
    this.kinds = kinds;
  }

  /**
   * Finds the structures of these kinds.
   *
   * @throws dev.platter.api.error.ImageFormatException if the snapshot table cannot be read
   */
  static MetadataRegions of(
      String imageName, ImageFile file, Qcow2Header header, Set<MetadataKind> kinds)
      throws IOException {
    MetadataRegions found = new MetadataRegions(file, header.geometry(), kinds);
    found.addBytes(MetadataKind.HEADER, 0, found.geometry.clusterBytes());
    found.addL1Table(MetadataKind.ACTIVE_L1, header.l1Table());
    boolean snapshots =
        kinds.contains(MetadataKind.SNAPSHOT_TABLE)
            || kinds.contains(MetadataKind.INACTIVE_L1)
            || kinds.contains(MetadataKind.INACTIVE_L2);
    if (snapshots && header.snapshotTable().count() > 0) {
      SnapshotTable table = SnapshotTable.read(imageName, file, header);
      found.addBytes(MetadataKind.SNAPSHOT_TABLE, header.snapshotTable().offset(), table.bytes());
      for (InternalSnapshot snapshot : table.snapshots()) {
        found.addL1Table(MetadataKind.INACTIVE_L1, snapshot.l1Table());
        found.addInactive(snapshot.l1Table());
      }
    }
    header
        .extension(HeaderExtension.CryptoHeader.class)
        .ifPresent(crypto -> found.addBytes(MetadataKind.HEADER, crypto.offset(), crypto.length()));
    header
        .extension(HeaderExtension.Bitmaps.class)
        .ifPresent(
            bitmaps ->
                found.addBytes(
                    MetadataKind.BITMAP_DIRECTORY,
                    bitmaps.directoryOffset(),
                    bitmaps.directoryBytes()));
    return found;
  }

  /** The structures, but for L2 tables; in the order of {@link MetadataKind}. */
  List<Region> regions() {
    return List.copyOf(regions);
  }

  /**
   * Reads the L1 tables of all internal snapshots, each byte of the file once, and names the
   * clusters of their L2 tables.
   */
  void forEachInactiveL2Table(LongConsumer cluster) throws IOException {
    List<L1Bytes> tables = new ArrayList<>(inactiveL1);
    tables.sort(Comparator.comparingLong(L1Bytes::offset));
    long left = MAXIMUM_INACTIVE_L1_BYTES;
    long readTo = 0;
    for (L1Bytes table : tables) {
      long at = Math.max(readTo, table.offset());
      while (at < table.end() && left > 0) {
        int bytes = (int) Math.min(READ_BYTES, table.end() - at);
        forEachTable(at, bytes, cluster);
        at += bytes;
        left -= bytes;
      }
      readTo = Math.max(readTo, table.end());
    }
  }

  private void forEachTable(long offset, int bytes, LongConsumer cluster) throws IOException {
    long[] entries = new long[bytes / Long.BYTES];
    file.readWords(offset, entries);
    for (long entry : entries) {
      long table = L1Entry.tableOffset(entry);
      if (table != 0 && table < file.node().size()) {
        cluster.accept(geometry.clusterIndex(table));
      }
    }
  }

  private void addL1Table(MetadataKind kind, TableLocation l1) {
    addBytes(kind, l1.offset(), l1Bytes(l1));
  }

  private void addInactive(TableLocation l1) {
    long inFile = file.node().size() - l1.offset();
    if (kinds.contains(MetadataKind.INACTIVE_L2) && l1.offset() >= 0 && inFile > 0) {
      inactiveL1.add(new L1Bytes(l1.offset(), l1.offset() + Math.min(inFile, l1Bytes(l1))));
    }
  }

  private static long l1Bytes(TableLocation l1) {
    return Integer.toUnsignedLong(l1.count()) * Long.BYTES;
  }

  private void addBytes(MetadataKind kind, long offset, long bytes) {
    long fileBytes = Math.max(file.node().size(), geometry.clusterBytes());
    if (kinds.contains(kind) && offset >= 0 && offset < fileBytes) {
      long end = offset + Math.clamp(bytes, 0, fileBytes - offset);
      long first = geometry.clusterIndex(offset);
      regions.add(new Region(kind, first, geometry.clusterCount(end) - first));
    }
  }
}
