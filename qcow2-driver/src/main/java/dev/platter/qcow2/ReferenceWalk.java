package dev.platter.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Walks through everything that an image's header leads to, and counts the references; says what is
 * wrong with the words that it meets on the way.
 *
 * <p>Tables are read one at a time; none of what they say is believed.
 */
final class ReferenceWalk {
  private final String imageName;
  private final ImageFile file;
  private final Qcow2Header header;
  private final ClusterGeometry geometry;
  private final Optional<SnapshotTable> snapshots;
  private final CheckTally tally;
  private final ReferenceCounts counts;
  private final Optional<FixedMetadata> mending;

  /**
   * @param snapshots the snapshot table, if there is one
   * @param tally takes findings; silent for all walks but the first
   * @param counts takes references
   * @param mending if entries that cannot be right are to be mended on the way: what must not be
   *     written to as if it were an L2 table
   */
  ReferenceWalk(
      String imageName,
      ImageFile file,
      Qcow2Header header,
      Optional<SnapshotTable> snapshots,
      CheckTally tally,
      ReferenceCounts counts,
      Optional<FixedMetadata> mending) {
    this.imageName = imageName;
    this.file = file;
    this.header = header;
    this.geometry = header.geometry();
    this.snapshots = snapshots;
    this.tally = tally;
    this.counts = counts;
    this.mending = mending;
  }

  /**
   * Counts everything but the refcount table and its blocks.
   *
   * @throws dev.platter.api.error.CorruptImageException if the directory of bitmaps cannot be read:
   *     then nobody knows which clusters are free
   */
  void countContents() throws IOException {
    count(0, geometry.clusterBytes());
    countMapping(header.l1Table(), true);
    if (snapshots.isPresent()) {
      countSnapshots(snapshots.get());
    }
    Optional<HeaderExtension.CryptoHeader> crypto =
        header.extension(HeaderExtension.CryptoHeader.class);
    if (crypto.isPresent()) {
      count(crypto.get().offset(), crypto.get().length());
    }
    Optional<HeaderExtension.Bitmaps> bitmaps = header.extension(HeaderExtension.Bitmaps.class);
    if (bitmaps.isPresent()) {
      countBitmaps(bitmaps.get());
    }
  }

  /**
   * Counts the refcount table and its blocks.
   *
   * @param stored the table
   * @param windowTally takes findings about clusters of this window
   * @param endCluster the end of the file
   * @return whether the refcounts are beyond mending in place
   */
  boolean countRefcounts(StoredRefcounts stored, CheckTally windowTally, long endCluster) {
    TableLocation location = header.refcountTable();
    count(location.offset(), geometry.clusterOffset(location.count()));
    boolean beyondMending = false;
    for (int i = 0; i < stored.tableEntryCount(); i++) {
      long entry = stored.tableEntry(i);
      long offset = entry & StoredRefcounts.OFFSET_MASK;
      if (entry != offset) {
        tally.corruption("ERROR refcount table entry %d has reserved bits set".formatted(i));
        beyondMending = true;
      } else if (!geometry.aligned(offset)) {
        tally.corruption(
            "ERROR refcount block %d is not cluster aligned; refcount table entry corrupted"
                .formatted(i));
        beyondMending = true;
      } else if (geometry.clusterIndex(offset) >= endCluster) {
        tally.corruption("ERROR refcount block %d is outside image".formatted(i));
        beyondMending |= mending.isPresent();
      } else if (offset != 0) {
        beyondMending |= sharesItsCluster(i, offset, windowTally);
      }
    }
    return beyondMending;
  }

  private boolean sharesItsCluster(int index, long offset, CheckTally windowTally) {
    count(offset, geometry.clusterBytes());
    long cluster = geometry.clusterIndex(offset);
    if (!counts.covers(cluster) || counts.get(cluster) == 1) {
      return false;
    }
    windowTally.corruption(
        "ERROR refcount block %d refcount=%s"
            .formatted(index, Long.toUnsignedString(counts.get(cluster))));
    return true;
  }

  private void count(long offset, long bytes) {
    counts.add(tally, offset, bytes);
  }

  private void countSnapshots(SnapshotTable table) throws IOException {
    for (InternalSnapshot snapshot : table.snapshots()) {
      TableLocation l1Table = snapshot.l1Table();
      String who = "ERROR snapshot %s (%s) ".formatted(snapshot.id(), snapshot.name());
      if (!geometry.aligned(l1Table.offset())) {
        tally.corruption(
            who
                + "l1_offset=0x%x: L1 table is not cluster aligned; snapshot table entry corrupted"
                    .formatted(l1Table.offset()));
      } else if (Integer.toUnsignedLong(l1Table.count())
          > HeaderRules.MAXIMUM_L1_BYTES / ClusterGeometry.TABLE_ENTRY_BYTES) {
        tally.corruption(
            who
                + "l1_size=0x%x: L1 table is too large; snapshot table entry corrupted"
                    .formatted(l1Table.count()));
      } else {
        countMapping(l1Table, false);
      }
    }
    count(header.snapshotTable().offset(), table.bytes());
  }

  private void countMapping(TableLocation l1Table, boolean active) throws IOException {
    int bytes = l1Table.count() * ClusterGeometry.TABLE_ENTRY_BYTES;
    count(l1Table.offset(), bytes);
    ByteBuffer l1 = file.read(l1Table.offset(), bytes);
    while (l1.hasRemaining()) {
      long entry = l1.getLong();
      if (entry == 0) {
        continue;
      }
      if ((entry & L1Entry.RESERVED_MASK) != 0) {
        tally.corruption("ERROR found L1 entry with reserved bits set: %x".formatted(entry));
      }
      long l2Offset = L1Entry.tableOffset(entry);
      count(l2Offset, geometry.clusterBytes());
      if (!geometry.aligned(l2Offset)) {
        tally.corruption(
            "ERROR l2_offset=%x: Table is not cluster aligned; L1 entry corrupted"
                .formatted(l2Offset));
      }
      countTable(l2Offset, active);
    }
  }

  private void countTable(long l2Offset, boolean active) throws IOException {
    ByteBuffer l2 = file.read(l2Offset, geometry.clusterBytes());
    long nextOffset = 0;
    for (int i = 0; i < geometry.l2EntryCount(); i++) {
      long entry = l2.getLong(i * geometry.l2EntryBytes());
      L2Entry.Kind kind = L2Entry.kind(entry);
      if (kind != L2Entry.Kind.COMPRESSED && (entry & L2Entry.RESERVED_MASK) != 0) {
        tally.corruption("ERROR found l2 entry with reserved bits set: %x".formatted(entry));
      }
      switch (kind) {
        case COMPRESSED -> countCompressed(entry, active);
        case NORMAL, ZERO_ALLOCATED -> {
          long offset = L2Entry.clusterOffset(entry);
          if (!geometry.aligned(offset) && mendUnaligned(l2Offset, i, offset, kind)) {
            continue;
          }
          countCluster(offset, nextOffset, active);
          nextOffset = offset + geometry.clusterBytes();
        }
        case UNALLOCATED, ZERO_PLAIN -> {}
      }
    }
  }

  private void countCluster(long offset, long nextOffset, boolean active) {
    if (active) {
      tally.allocatedClusters++;
      if (nextOffset != 0 && nextOffset != offset) {
        tally.fragmentedClusters++;
      }
    }
    if (!header.features().dataFile()) {
      count(offset, geometry.clusterBytes());
    }
  }

  private void countCompressed(long entry, boolean active) {
    int clusterBits = geometry.clusterBits();
    long offset = L2Entry.compressedOffset(entry, clusterBits);
    if (L2Entry.copied(entry)) {
      tally.corruption(
          "ERROR: coffset=0x%x: copied flag must never be set for compressed clusters"
              .formatted(offset));
    }
    count(offset, L2Entry.compressedBytes(entry, clusterBits));
    if (active) {
      tally.allocatedClusters++;
      tally.compressedClusters++;
      tally.fragmentedClusters++; // each takes a read of its own
    }
  }

  /**
   * Reports a cluster that begins where none can. One that holds no data can be given up.
   *
   * @return whether it was, so that nothing is referred to
   */
  private boolean mendUnaligned(long l2Offset, int index, long offset, L2Entry.Kind kind)
      throws IOException {
    if (kind == L2Entry.Kind.NORMAL) {
      tally.corruption(
          "ERROR offset=%x: Data cluster is not properly aligned; L2 entry corrupted."
              .formatted(offset));
      return false;
    }
    String what =
        " offset=%x: Preallocated cluster is not properly aligned; L2 entry corrupted."
            .formatted(offset);
    if (mending.isEmpty() || !mending.get().allowsTable(l2Offset)) {
      tally.corruption("ERROR" + what);
      return false;
    }
    ByteBuffer zero = ByteBuffer.allocate(Long.BYTES).putLong(L2Entry.ZERO).flip();
    file.write(l2Offset + (long) index * geometry.l2EntryBytes(), zero);
    tally.mended("Repairing" + what);
    return true;
  }

  private void countBitmaps(HeaderExtension.Bitmaps where) throws IOException {
    count(where.directoryOffset(), where.directoryBytes());
    for (StoredBitmap bitmap : StoredBitmap.readAll(imageName, file, geometry, where)) {
      countBitmap(bitmap);
    }
  }

  private void countBitmap(StoredBitmap bitmap) throws IOException {
    int bytes = bitmap.tableEntryCount() * Long.BYTES;
    count(bitmap.tableOffset(), bytes);
    if (bitmap.misfits(geometry, header.diskBytes())) {
      tally.corruption(
          "ERROR bitmap '%s': table has %d entries, and the disk needs %d"
              .formatted(
                  bitmap.name(),
                  bitmap.tableEntryCount(),
                  bitmap.tableEntryCount(geometry, header.diskBytes())));
    }
    ByteBuffer table = file.read(bitmap.tableOffset(), bytes);
    while (table.hasRemaining()) {
      long entry = table.getLong();
      long offset = entry & StoredBitmap.TABLE_OFFSET_MASK;
      boolean acceptable =
          (entry & StoredBitmap.TABLE_RESERVED_MASK) == 0
              && geometry.aligned(offset)
              && (offset == 0 || (entry & 1) == 0);
      if (!acceptable) {
        tally.corruption(
            "ERROR bitmap '%s': table entry %x is corrupted".formatted(bitmap.name(), entry));
      } else if (offset != 0) {
        count(offset, geometry.clusterBytes());
      }
    }
  }
}
