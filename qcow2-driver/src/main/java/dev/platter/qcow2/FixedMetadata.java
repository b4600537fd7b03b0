package dev.platter.qcow2;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The places of an image's file that a repair must not take for a table, whatever the tables say:
 * header, L1 tables, refcount structures, snapshot table and bitmap directory.
 */
final class FixedMetadata {
  private record Region(long offset, long bytes) {
    boolean overlaps(long otherOffset, long otherBytes) {
      return otherOffset < offset + bytes && offset < otherOffset + otherBytes;
    }
  }

  private final ClusterGeometry geometry;
  private final List<Region> regions = new ArrayList<>();
  private final StoredRefcounts stored;
  private final Region activeL1;

  FixedMetadata(Qcow2Header header, Optional<SnapshotTable> snapshots, StoredRefcounts stored) {
    this.geometry = header.geometry();
    this.stored = stored;
    this.activeL1 = l1Region(header.l1Table());
    regions.add(new Region(0, geometry.clusterBytes()));
    regions.add(
        new Region(
            header.refcountTable().offset(),
            geometry.clusterOffset(header.refcountTable().count())));
    snapshots.ifPresent(
        table -> {
          regions.add(new Region(header.snapshotTable().offset(), table.bytes()));
          table.snapshots().forEach(snapshot -> regions.add(l1Region(snapshot.l1Table())));
        });
    header
        .extension(HeaderExtension.Bitmaps.class)
        .ifPresent(
            where -> regions.add(new Region(where.directoryOffset(), where.directoryBytes())));
  }

  private static Region l1Region(TableLocation l1Table) {
    long bytes = Integer.toUnsignedLong(l1Table.count()) * ClusterGeometry.TABLE_ENTRY_BYTES;
    return new Region(l1Table.offset(), bytes);
  }

  /** Whether a table of one cluster may be written here. */
  boolean allowsTable(long offset) {
    return geometry.aligned(offset)
        && !activeL1.overlaps(offset, geometry.clusterBytes())
        && allows(offset, geometry.clusterBytes());
  }

  /** Whether an entry of the active L1 table may be written here. */
  boolean allowsL1Entry(long offset) {
    return allows(offset, ClusterGeometry.TABLE_ENTRY_BYTES);
  }

  private boolean allows(long offset, int bytes) {
    for (Region region : regions) {
      if (region.overlaps(offset, bytes)) {
        return false;
      }
    }
    for (int i = 0; i < stored.tableEntryCount(); i++) {
      long blockOffset = stored.tableEntry(i) & StoredRefcounts.OFFSET_MASK;
      if (blockOffset != 0
          && new Region(blockOffset, geometry.clusterBytes()).overlaps(offset, bytes)) {
        return false;
      }
    }
    return true;
  }
}
