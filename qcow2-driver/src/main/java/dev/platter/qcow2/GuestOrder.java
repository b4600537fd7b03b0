package dev.platter.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Passes on the clusters that hold the guest's disk, in the order of the disk: those that are not
 * compressed. Between two calls clusters may move, and the next call sees them where they are then.
 *
 * <p>Threads: one.
 */
final class GuestOrder {
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final long[] l1Entries;
  private int l1Index;
  private int l2Index;
  private ByteBuffer l2;

  /**
   * @param header whose active L1 table stays where it is, and so do its L2 tables
   */
  GuestOrder(ImageFile file, Qcow2Header header) throws IOException {
    this.file = file;
    this.geometry = header.geometry();
    this.l1Entries = new long[header.l1Table().count()];
    file.readWords(header.l1Table().offset(), l1Entries);
  }

  /** Has the next call read tables anew. */
  void clustersHaveMoved() {
    l2 = null;
  }

  /** How much of the disk has been passed, from 0 to 1. */
  double share() {
    return l1Entries.length == 0 ? 1 : (double) l1Index / l1Entries.length;
  }

  /** The next cluster; 0 at the end. */
  long next() throws IOException {
    for (; l1Index < l1Entries.length; l1Index++) {
      long tableOffset = L1Entry.tableOffset(l1Entries[l1Index]);
      if (tableOffset != 0 && l2 == null) {
        l2 = file.read(tableOffset, geometry.clusterBytes());
      }
      while (tableOffset != 0 && l2Index < geometry.l2EntryCount()) {
        long entry = l2.getLong(l2Index * geometry.l2EntryBytes());
        l2Index++;
        long offset = L2Entry.clusterOffset(entry);
        if ((entry & L2Entry.COMPRESSED) == 0 && offset != 0) {
          return geometry.clusterIndex(offset);
        }
      }
      l2 = null;
      l2Index = 0;
    }
    return 0;
  }
}
