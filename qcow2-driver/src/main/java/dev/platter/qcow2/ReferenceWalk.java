package dev.platter.qcow2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Walks through everything that an image's header leads to, and counts the references; says what is
 * wrong with the words that it meets on the way.
 *
 * <p>Tables are read one at a time; none of what they say is believed. The work does not grow with
 * how often a table is named: the L1 tables of snapshots, and the tables of bitmaps, are walked in
 * order up to {@link #ORDERED_BYTES}; of the rest each word is looked at once, with the number of
 * tables that it is in.
 */
final class ReferenceWalk {
  private static final long ORDERED_BYTES = 16 << 20;

  private final String imageName;
  private final ImageFile file;
  private final Qcow2Header header;
  private final ClusterGeometry geometry;
  private final Optional<SnapshotTable> snapshots;
  private final CheckTally tally;
  private final ReferenceCounts counts;
  private final boolean mends;
  private final MappingWalk mapping;

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
    this.mends = mending.isPresent();
    this.mapping = new MappingWalk(imageName, file, header, tally, counts, mending);
  }

  /**
   * Counts everything but the refcount table and its blocks.
   *
   * @throws dev.platter.api.error.CorruptImageException if the directory of bitmaps cannot be read:
   *     then nobody knows which clusters are free
   */
  void countContents() throws IOException {
    count(0, geometry.clusterBytes());
    countActive(header.l1Table());
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
        beyondMending |= mends;
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
    counts.add(tally, offset, bytes, 1);
  }

  private void countActive(TableLocation l1Table) throws IOException {
    long bytes = l1Bytes(l1Table);
    count(l1Table.offset(), bytes);
    mapping.countEntries(l1Table.offset(), bytes, true, 1);
    mapping.settle(true);
  }

  private static long l1Bytes(TableLocation l1Table) {
    return Integer.toUnsignedLong(l1Table.count()) * ClusterGeometry.TABLE_ENTRY_BYTES;
  }

  private void countSnapshots(SnapshotTable table) throws IOException {
    int snapshotCount = table.snapshots().size();
    if (header.features().dataFile() && snapshotCount > 0) {
      tally.corruption("ERROR %d snapshots in image with data file".formatted(snapshotCount));
    }
    long orderedBytes = ORDERED_BYTES;
    List<TableLocation> rest = new ArrayList<>();
    for (InternalSnapshot snapshot : table.snapshots()) {
      TableLocation l1Table = snapshot.l1Table();
      if (!acceptable(snapshot)) {
        continue;
      }
      orderedBytes -= l1Bytes(l1Table);
      if (orderedBytes < 0) {
        rest.add(l1Table);
      } else {
        count(l1Table.offset(), l1Bytes(l1Table));
        mapping.countEntries(l1Table.offset(), l1Bytes(l1Table), false, 1);
      }
    }
    TableSweep words = new TableSweep();
    TableSweep clusters = new TableSweep();
    rest.forEach(l1Table -> postpone(l1Table.offset(), l1Bytes(l1Table), words, clusters));
    clusters.forEach(this::countClusters);
    words.forEach((offset, bytes, times) -> mapping.countEntries(offset, bytes, false, times));
    mapping.settle(false);
    count(header.snapshotTable().offset(), table.bytes());
  }

  private boolean acceptable(InternalSnapshot snapshot) {
    TableLocation l1Table = snapshot.l1Table();
    String who = "ERROR snapshot %s (%s) ".formatted(snapshot.id(), snapshot.name());
    if (!geometry.aligned(l1Table.offset())) {
      tally.corruption(
          who
              + "l1_offset=0x%x: L1 table is not cluster aligned; snapshot table entry corrupted"
                  .formatted(l1Table.offset()));
      return false;
    }
    if (l1Bytes(l1Table) > HeaderRules.MAXIMUM_L1_BYTES) {
      tally.corruption(
          who
              + "l1_size=0x%x: L1 table is too large; snapshot table entry corrupted"
                  .formatted(l1Table.count()));
      return false;
    }
    return true;
  }

  /** Has a table that begins where a cluster does looked at together with those it overlaps. */
  private void postpone(long offset, long bytes, TableSweep words, TableSweep clusters) {
    if (bytes > 0 && counts.within(tally, offset, bytes, 1)) {
      words.add(offset, bytes);
      clusters.add(offset, geometry.alignUp(bytes));
    }
  }

  private void countClusters(long offset, long bytes, long times) {
    counts.addClusters(geometry.clusterIndex(offset), geometry.clusterCount(bytes), times);
  }

  private void countBitmaps(HeaderExtension.Bitmaps where) throws IOException {
    count(where.directoryOffset(), where.directoryBytes());
    long orderedBytes = ORDERED_BYTES;
    TableSweep words = new TableSweep();
    TableSweep clusters = new TableSweep();
    for (StoredBitmap bitmap : StoredBitmap.readAll(imageName, file, geometry, where)) {
      long bytes = (long) bitmap.tableEntryCount() * Long.BYTES;
      orderedBytes -= bytes;
      if (orderedBytes < 0) {
        checkSize(bitmap);
        postpone(bitmap.tableOffset(), bytes, words, clusters);
      } else {
        count(bitmap.tableOffset(), bytes);
        checkSize(bitmap);
        String who = "bitmap '%s': ".formatted(bitmap.name());
        countBitmapEntries(bitmap.tableOffset(), bytes, 1, who);
      }
    }
    clusters.forEach(this::countClusters);
    words.forEach((offset, bytes, times) -> countBitmapEntries(offset, bytes, times, "bitmap: "));
  }

  private void checkSize(StoredBitmap bitmap) {
    if (bitmap.misfits(geometry, header.diskBytes())) {
      tally.corruption(
          "ERROR bitmap '%s': table has %d entries, and the disk needs %d"
              .formatted(
                  bitmap.name(),
                  bitmap.tableEntryCount(),
                  bitmap.tableEntryCount(geometry, header.diskBytes())));
    }
  }

  private void countBitmapEntries(long tableOffset, long bytes, long times, String who)
      throws IOException {
    file.forEachWord(
        tableOffset,
        bytes,
        entry -> {
          long offset = entry & StoredBitmap.TABLE_OFFSET_MASK;
          boolean acceptable =
              (entry & StoredBitmap.TABLE_RESERVED_MASK) == 0
                  && geometry.aligned(offset)
                  && (offset == 0 || (entry & 1) == 0);
          if (!acceptable) {
            tally.corruption("ERROR %stable entry %x is corrupted".formatted(who, entry), times);
          } else if (offset != 0) {
            counts.add(tally, offset, geometry.clusterBytes(), times);
          }
        });
  }
}
