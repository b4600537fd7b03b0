package dev.platter.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * Takes the zero clusters out of internal snapshots, for version 2, which has none: where something
 * lies below they become clusters of zeros, elsewhere they are let go of.
 *
 * <p>L2 tables with zero clusters, L1 tables that name them and the snapshot table are written anew
 * behind everything that the file holds, and take effect together ({@link SnapshotTableMove}).
 * Threads: one.
 */
final class SnapshotZeroExpansion {
  private static final int L1_OFFSET_BYTES = Long.BYTES;

  private final String imageName;
  private final ImageFile file;
  private final Qcow2Header header;
  private final ClusterGeometry geometry;
  private final Runnable entryDone;

  /** The L2 tables that have been looked at, and what takes their places. */
  private final Map<Long, Long> tables = new HashMap<>();

  private long end;
  private boolean changed;

  /**
   * @param entryDone called after each entry of an L1 table
   */
  SnapshotZeroExpansion(String imageName, ImageFile file, Qcow2Header header, Runnable entryDone) {
    this.imageName = imageName;
    this.file = file;
    this.header = header;
    this.geometry = header.geometry();
    this.entryDone = entryDone;
    this.end = geometry.alignUp(file.node().size());
  }

  /** Expands the clusters; returns the header as the image has it now. */
  Qcow2Header run() throws IOException {
    int count = header.snapshotTable().count();
    ByteBuffer table =
        file.read(
            header.snapshotTable().offset(), SnapshotTable.read(imageName, file, header).bytes());
    SnapshotReader reader = new SnapshotReader(file, header.snapshotTable().offset());
    int entryStart = 0;
    for (int i = 0; i < count; i++) {
      entryStart = (entryStart + L1_OFFSET_BYTES - 1) & -L1_OFFSET_BYTES;
      TableLocation l1Table = reader.next().snapshot().l1Table();
      table.putLong(entryStart, expandL1(l1Table));
      entryStart = (int) reader.consumed();
    }
    return changed ? SnapshotTableMove.write(imageName, file, header, table) : header;
  }

  private long expandL1(TableLocation l1Table) throws IOException {
    long[] entries = new long[l1Table.count()];
    file.readWords(l1Table.offset(), entries);
    boolean differs = false;
    for (int i = 0; i < entries.length; i++) {
      long old = L1Entry.tableOffset(entries[i]);
      if (old != 0) {
        long expanded = expandL2(old);
        differs |= expanded != old;
        entries[i] = expanded;
      }
      entryDone.run();
    }
    if (!differs) {
      return l1Table.offset();
    }
    ByteBuffer bytes = ByteBuffer.allocate(entries.length * Long.BYTES);
    bytes.asLongBuffer().put(entries);
    return append(bytes);
  }

  private long expandL2(long offset) throws IOException {
    Long known = tables.get(offset);
    if (known != null) {
      return known;
    }
    ByteBuffer l2 = file.read(offset, geometry.clusterBytes());
    boolean differs = false;
    for (int at = 0; at < l2.capacity(); at += geometry.l2EntryBytes()) {
      boolean zero =
          switch (L2Entry.kind(l2.getLong(at))) {
            case ZERO_PLAIN, ZERO_ALLOCATED -> true;
            case UNALLOCATED, NORMAL, COMPRESSED -> false;
          };
      if (zero) {
        l2.putLong(at, header.backing().isPresent() ? zeroCluster() : 0);
        differs = true;
      }
    }
    long expanded = differs ? append(l2) : offset;
    tables.put(offset, expanded);
    return expanded;
  }

  private long zeroCluster() throws IOException {
    return append(ByteBuffer.allocate(geometry.clusterBytes()));
  }

  private long append(ByteBuffer bytes) throws IOException {
    long offset = end;
    file.write(offset, bytes.clear());
    end = geometry.alignUp(offset + bytes.capacity());
    changed = true;
    return offset;
  }
}
