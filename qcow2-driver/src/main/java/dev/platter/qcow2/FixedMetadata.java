package dev.platter.qcow2;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The places of an image's file that a repair must not take for an L2 table, whatever the tables
 * say: header, L1 tables, refcount structures, snapshot table and bitmap directory.
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

  FixedMetadata(Qcow2Header header, Optional<SnapshotTable> snapshots, StoredRefcounts stored) {
    this.geometry = header.geometry();
    this.stored = stored;
    regions.add(new Region(0, geometry.clusterBytes()));
    addL1Table(header.l1Table());
    regions.add(
        new Region(
            header.refcountTable().offset(),
            geometry.clusterOffset(header.refcountTable().count())));
    snapshots.ifPresent(
        table -> {
          regions.add(new Region(header.snapshotTable().offset(), table.bytes()));
          table.snapshots().forEach(snapshot -> addL1Table(snapshot.l1Table()));
        });
    header
        .extension(HeaderExtension.Bitmaps.class)
        .ifPresent(
            where -> regions.add(new Region(where.directoryOffset(), where.directoryBytes())));
  }

  private void addL1Table(TableLocation l1Table) {
    long bytes = Integer.toUnsignedLong(l1Table.count()) * ClusterGeometry.TABLE_ENTRY_BYTES;
    regions.add(new Region(l1Table.offset(), bytes));
  }

  /** Whether a table of one cluster may be written here. */
  boolean allowsTable(long offset) {
    if (!geometry.aligned(offset)) {
      return false;
    }
    for (Region region : regions) {
      if (region.overlaps(offset, geometry.clusterBytes())) {
        return false;
      }
    }
    for (int i = 0; i < stored.tableEntryCount(); i++) {
      long blockOffset = stored.tableEntry(i) & StoredRefcounts.OFFSET_MASK;
      if (blockOffset != 0
          && new Region(blockOffset, geometry.clusterBytes())
              .overlaps(offset, geometry.clusterBytes())) {
        return false;
      }
    }
    return true;
  }
}
