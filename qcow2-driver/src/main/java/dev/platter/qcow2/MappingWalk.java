package dev.platter.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Walks through L1 tables and the L2 tables that they name, counts the references, and says what is
 * wrong with the words that it meets. The work is bounded by what the file holds, not by how often
 * it is named: {@link TableVisits}.
 *
 * <p>Threads: one.
 */
final class MappingWalk {
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final boolean dataFile;
  private final CheckTally tally;
  private final ReferenceCounts counts;
  private final Optional<FixedMetadata> mending;
  private final TableVisits visits;

  /**
   * A walk that has seen nothing yet.
   *
   * @param tally takes findings
   * @param counts takes references
   * @param mending if entries that cannot be right are to be mended on the way: what must not be
   *     written to as if it were an L2 table
   */
  MappingWalk(
      String imageName,
      ImageFile file,
      Qcow2Header header,
      CheckTally tally,
      ReferenceCounts counts,
      Optional<FixedMetadata> mending) {
    this.file = file;
    this.geometry = header.geometry();
    this.dataFile = header.features().dataFile();
    this.tally = tally;
    this.counts = counts;
    this.mending = mending;
    this.visits = new TableVisits(imageName, file, geometry);
  }

  /**
   * Counts what the words of an L1 table, or of a part of one, lead to. Some of it is put off until
   * {@link #settle}.
   *
   * @param bytes a multiple of eight
   * @param active whether the guest's disk is meant, and not that of a snapshot
   * @param times how many tables have these words
   */
  void countEntries(long l1Offset, long bytes, boolean active, long times) throws IOException {
    file.forEachWord(l1Offset, bytes, entry -> countEntry(entry, active, times));
  }

  /** Counts what was put off. */
  void settle(boolean active) throws IOException {
    visits.settle((l2Offset, times) -> countTable(l2Offset, active, times));
  }

  private void countEntry(long entry, boolean active, long times) throws IOException {
    if ((entry & L1Entry.RESERVED_MASK) != 0) {
      tally.corruption("ERROR found L1 entry with reserved bits set: %x".formatted(entry), times);
    }
    long l2Offset = L1Entry.tableOffset(entry);
    counts.add(tally, l2Offset, geometry.clusterBytes(), times);
    if (!geometry.aligned(l2Offset)) {
      tally.corruption(
          "ERROR l2_offset=%x: Table is not cluster aligned; L1 entry corrupted"
              .formatted(l2Offset),
          times);
    }
    if (visits.due(l2Offset, times)) {
      countTable(l2Offset, active, times);
    }
  }

  private void countTable(long l2Offset, boolean active, long times) throws IOException {
    ByteBuffer l2 = file.read(l2Offset, geometry.clusterBytes());
    long nextOffset = 0;
    for (int i = 0; i < geometry.l2EntryCount(); i++) {
      long entry = l2.getLong(i * geometry.l2EntryBytes());
      long bitmap =
          geometry.extendedL2() ? l2.getLong(i * geometry.l2EntryBytes() + Long.BYTES) : 0;
      L2Entry.Kind kind =
          L2Entry.kind(geometry.extendedL2() ? entry & ~L2Entry.ZERO : entry, dataFile);
      if (kind != L2Entry.Kind.COMPRESSED && (entry & L2Entry.RESERVED_MASK) != 0) {
        tally.corruption("ERROR found l2 entry with reserved bits set: %x".formatted(entry), times);
      }
      switch (kind) {
        case COMPRESSED -> countCompressed(i, entry, bitmap, active, times);
        case NORMAL, ZERO_ALLOCATED -> {
          long offset = L2Entry.clusterOffset(entry);
          if (Subclusters.contradicts(bitmap)) {
            tally.corruption(
                "ERROR offset=%x: Allocated cluster has corrupted subcluster allocation bitmap"
                    .formatted(offset),
                times);
          }
          boolean holdsData =
              geometry.extendedL2()
                  ? Subclusters.allocated(bitmap) != 0
                  : kind == L2Entry.Kind.NORMAL;
          if (!geometry.aligned(offset)
              && mendUnaligned(l2Offset, i, offset, bitmap, holdsData, times)) {
            continue;
          }
          countCluster(offset, nextOffset, active, times);
          nextOffset = offset + geometry.clusterBytes();
        }
        case UNALLOCATED, ZERO_PLAIN -> {
          if (Subclusters.allocated(bitmap) != 0) {
            tally.corruption(
                "ERROR: Unallocated cluster has non-zero subcluster allocation map", times);
          }
        }
      }
    }
  }

  private void countCluster(long offset, long nextOffset, boolean active, long times) {
    if (active) {
      tally.allocatedClusters += times;
      if (nextOffset != 0 && nextOffset != offset) {
        tally.fragmentedClusters += times;
      }
    }
    if (!dataFile) {
      counts.add(tally, offset, geometry.clusterBytes(), times);
    }
  }

  private void countCompressed(int index, long entry, long bitmap, boolean active, long times) {
    int clusterBits = geometry.clusterBits();
    long offset = L2Entry.compressedOffset(entry, clusterBits);
    if (L2Entry.copied(entry)) {
      tally.corruption(
          "ERROR: coffset=0x%x: copied flag must never be set for compressed clusters"
              .formatted(offset),
          times);
    }
    if (dataFile) {
      tally.corruption(
          "ERROR compressed cluster %d with data file, entry=0x%x"
              .formatted(index, entry & ~L2Entry.COPIED),
          times);
      return;
    }
    if (bitmap != 0) {
      tally.corruption(
          "ERROR compressed cluster %d with non-zero subcluster allocation bitmap, entry=0x%x"
              .formatted(index, entry & ~L2Entry.COPIED),
          times);
      return;
    }
    counts.add(tally, offset, L2Entry.compressedBytes(entry, clusterBits), times);
    if (active) {
      tally.allocatedClusters += times;
      tally.compressedClusters += times;
      tally.fragmentedClusters += times; // each takes a read of its own
    }
  }

  /**
   * Reports a cluster that begins where none can. One that holds no data can be given up.
   *
   * @return whether it was, so that nothing is referred to
   */
  private boolean mendUnaligned(
      long l2Offset, int index, long offset, long bitmap, boolean holdsData, long times)
      throws IOException {
    if (holdsData) {
      tally.corruption(
          "ERROR offset=%x: Data cluster is not properly aligned; L2 entry corrupted."
              .formatted(offset),
          times);
      return false;
    }
    String what =
        " offset=%x: Preallocated cluster is not properly aligned; L2 entry corrupted."
            .formatted(offset);
    if (mending.isEmpty() || !mending.get().allowsTable(l2Offset)) {
      tally.corruption("ERROR" + what, times);
      return false;
    }
    ByteBuffer zero = ByteBuffer.allocate(geometry.l2EntryBytes());
    if (geometry.extendedL2()) {
      zero.putLong(0).putLong(bitmap & Subclusters.ALL_ZERO);
    } else {
      zero.putLong(L2Entry.ZERO);
    }
    file.write(l2Offset + (long) index * geometry.l2EntryBytes(), zero.flip());
    tally.mended("Repairing" + what);
    return true;
  }
}
