package dev.platter.qcow2;

import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What an L1 table leads to, as a snapshot takes it over or lets go of it: L2 tables, and the
 * clusters that these name. Tables are read one at a time, and never changed where they are: one
 * that has to change is written to a free place.
 *
 * <p>Each L1 table counts once for each cluster that it leads to, also where it shares an L2 table
 * with another (specification: "Snapshots").
 *
 * <p>Threads: one.
 */
final class MappingTree {
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final RefcountCopy refcounts;
  private final OverlapCheck overlaps;
  private final Corruption corruption;
  private final AdjacentWrites writes;

  MappingTree(
      ImageFile file,
      ClusterGeometry geometry,
      RefcountCopy refcounts,
      OverlapCheck overlaps,
      Corruption corruption) {
    this.file = file;
    this.geometry = geometry;
    this.refcounts = refcounts;
    this.overlaps = overlaps;
    this.corruption = corruption;
    this.writes = new AdjacentWrites(file);
  }

  /** The words of an L1 table. */
  long[] read(TableLocation l1Table) throws IOException {
    long[] entries = new long[l1Table.count()];
    file.readWords(l1Table.offset(), entries);
    return entries;
  }

  /** Writes an L1 table to its place. */
  void write(long offset, long[] entries) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate((int) geometry.alignUp((long) entries.length * Long.BYTES));
    bytes.asLongBuffer().put(entries);
    file.write(offset, bytes);
  }

  /** Writes what {@link #share} and {@link #correctCopied} have yet to write. */
  void finish() throws IOException {
    writes.finish();
  }

  /**
   * Gives an L1 table a second owner: counts another reference to all that it leads to, and makes
   * for the active table what may be changed nowhere but by copying. An L2 table without COPIED
   * flags is shared; of another the active table gets a copy without them, its own.
   *
   * @param entries those of the first owner, which stay its own; replaced by those of the active
   *     table
   */
  void share(long[] entries) throws IOException {
    for (int i = 0; i < entries.length; i++) {
      long tableOffset = tableOffset(i, entries[i]);
      if (tableOffset != 0) {
        ByteBuffer l2 = file.read(tableOffset, geometry.clusterBytes());
        boolean flagged = raise(l2, tableOffset);
        if (flagged) {
          entries[i] = L1Entry.of(copyOf(l2));
        } else {
          refcounts.raise(geometry.clusterIndex(tableOffset), 1);
          entries[i] = tableOffset;
        }
      }
    }
  }

  /** Counts one reference less to all that an L1 table leads to. */
  void drop(long[] entries) throws IOException {
    for (int i = 0; i < entries.length; i++) {
      long tableOffset = tableOffset(i, entries[i]);
      if (tableOffset != 0) {
        ByteBuffer l2 = file.read(tableOffset, geometry.clusterBytes());
        for (int at = 0; at < l2.capacity(); at += geometry.l2EntryBytes()) {
          long entry = l2.getLong(at);
          long first = firstCluster(entry, tableOffset, at);
          if (first != 0) {
            lower(first, clusterCount(entry, first));
          }
        }
        refcounts.lower(geometry.clusterIndex(tableOffset), 1);
      }
    }
  }

  /**
   * Brings the COPIED flags of the active tables in line with refcounts that have gone down. An L2
   * table that has to change gets a new place.
   *
   * @param entries the active L1 table's; replaced where they change
   * @return whether one has changed
   */
  boolean correctCopied(long[] entries) throws IOException {
    boolean changed = false;
    for (int i = 0; i < entries.length; i++) {
      long tableOffset = tableOffset(i, entries[i]);
      if (tableOffset != 0) {
        long corrected = correctedEntry(tableOffset);
        changed |= corrected != entries[i];
        entries[i] = corrected;
      }
    }
    return changed;
  }

  private long correctedEntry(long tableOffset) throws IOException {
    ByteBuffer l2 = file.read(tableOffset, geometry.clusterBytes());
    boolean changed = false;
    for (int at = 0; at < l2.capacity(); at += geometry.l2EntryBytes()) {
      long entry = l2.getLong(at);
      long cluster = flaggable(entry) ? firstCluster(entry, tableOffset, at) : 0;
      if (cluster != 0 && L2Entry.copied(entry) != (refcounts.get(cluster) == 1)) {
        l2.putLong(at, entry ^ L2Entry.COPIED);
        changed = true;
      }
    }
    long tableCluster = geometry.clusterIndex(tableOffset);
    if (changed) {
      refcounts.lower(tableCluster, 1);
      return L1Entry.of(copyOf(l2));
    }
    return refcounts.get(tableCluster) == 1 ? L1Entry.of(tableOffset) : tableOffset;
  }

  /** Counts what a table names; takes its COPIED flags off, and says whether it had any. */
  private boolean raise(ByteBuffer l2, long tableOffset) throws IOException {
    boolean flagged = false;
    for (int at = 0; at < l2.capacity(); at += geometry.l2EntryBytes()) {
      long entry = l2.getLong(at);
      long first = firstCluster(entry, tableOffset, at);
      if (first != 0) {
        refcounts.raise(first, clusterCount(entry, first));
        if (flaggable(entry) && L2Entry.copied(entry)) {
          l2.putLong(at, entry & ~L2Entry.COPIED);
          flagged = true;
        }
      }
    }
    return flagged;
  }

  private long copyOf(ByteBuffer l2) throws IOException {
    long offset = geometry.clusterOffset(refcounts.allocate(1));
    writes.add(offset, l2.clear());
    return offset;
  }

  /** Guest data must not take metadata along that a damaged table calls data. */
  private void lower(long firstCluster, int clusterCount) throws IOException {
    refcounts.lower(firstCluster, clusterCount);
    for (int i = 0; i < clusterCount; i++) {
      if (refcounts.get(firstCluster + i) == 0) {
        overlaps.requireClear(firstCluster + i, 1);
      }
    }
  }

  private static boolean flaggable(long entry) {
    return (entry & L2Entry.COMPRESSED) == 0;
  }

  /** The first host cluster that an L2 entry names; 0 if it names none. */
  private long firstCluster(long entry, long tableOffset, int at) throws CorruptImageException {
    if (!flaggable(entry)) {
      long offset = L2Entry.compressedOffset(entry, geometry.clusterBits());
      return geometry.clusterIndex(offset);
    }
    long offset = L2Entry.clusterOffset(entry);
    if (!geometry.aligned(offset)) {
      throw corruption.fatal(
          "Cluster allocation offset %#x unaligned (L2 offset: %s, L2 index: %s)"
              .formatted(
                  offset,
                  Corruption.hex(tableOffset),
                  Corruption.hex(at / geometry.l2EntryBytes())));
    }
    return geometry.clusterIndex(offset);
  }

  private int clusterCount(long entry, long firstCluster) {
    if (flaggable(entry)) {
      return 1;
    }
    int clusterBits = geometry.clusterBits();
    long last =
        L2Entry.compressedOffset(entry, clusterBits)
            + L2Entry.compressedBytes(entry, clusterBits)
            - 1;
    return (int) (geometry.clusterIndex(last) - firstCluster) + 1;
  }

  private long tableOffset(int l1Index, long entry) throws CorruptImageException {
    long offset = L1Entry.tableOffset(entry);
    if (!geometry.aligned(offset)) {
      throw corruption.fatal(
          "L2 table offset %#x unaligned (L1 index: %s)"
              .formatted(offset, Corruption.hex(l1Index)));
    }
    return offset;
  }
}
