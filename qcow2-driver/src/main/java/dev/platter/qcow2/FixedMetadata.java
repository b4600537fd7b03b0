package dev.platter.qcow2;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The places of an image's file that a repair must not take for a table, whatever the tables say:
 * header, L1 tables, refcount structures, the header of the encryption, snapshot table and bitmap
 * directory.
 */
final class FixedMetadata {
  private record Region(long offset, long bytes) {
    boolean overlaps(long otherOffset, long otherBytes) {
      return otherOffset < end() && offset < otherOffset + otherBytes;
    }

    /** The first byte behind the region, which may say that it goes beyond all files. */
    long end() {
      return offset > Long.MAX_VALUE - bytes ? Long.MAX_VALUE : offset + bytes;
    }
  }

  private final ClusterGeometry geometry;
  private final List<Region> joined;
  private final Region activeL1;

  FixedMetadata(Qcow2Header header, Optional<SnapshotTable> snapshots, StoredRefcounts stored) {
    this.geometry = header.geometry();
    this.activeL1 = l1Region(header.l1Table());
    List<Region> regions = new ArrayList<>();
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
        .extension(HeaderExtension.CryptoHeader.class)
        .ifPresent(crypto -> regions.add(new Region(crypto.offset(), crypto.length())));
    header
        .extension(HeaderExtension.Bitmaps.class)
        .ifPresent(
            where -> regions.add(new Region(where.directoryOffset(), where.directoryBytes())));
    for (int i = 0; i < stored.tableEntryCount(); i++) {
      long blockOffset = stored.tableEntry(i) & StoredRefcounts.OFFSET_MASK;
      if (blockOffset != 0) {
        regions.add(new Region(blockOffset, geometry.clusterBytes()));
      }
    }
    this.joined = join(regions);
  }

  /** The same bytes in regions that neither overlap nor touch, in order. */
  private static List<Region> join(List<Region> regions) {
    regions.removeIf(region -> region.offset() < 0 || region.bytes() <= 0);
    regions.sort(Comparator.comparingLong(Region::offset));
    List<Region> joined = new ArrayList<>();
    for (Region region : regions) {
      Region last = joined.isEmpty() ? null : joined.getLast();
      if (last != null && last.end() >= region.offset()) {
        long end = Math.max(last.end(), region.end());
        joined.set(joined.size() - 1, new Region(last.offset(), end - last.offset()));
      } else {
        joined.add(region);
      }
    }
    return joined;
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
    int low = 0;
    int high = joined.size();
    while (low < high) { // ends with the number of regions that begin before our end
      int middle = (low + high) >>> 1;
      if (joined.get(middle).offset() < offset + bytes) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == 0 || joined.get(low - 1).end() <= offset;
  }
}
