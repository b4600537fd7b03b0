package dev.platter.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets go of the last refcount blocks of an image that count nothing but themselves.
 *
 * <p>Nobody uses the image meanwhile. Threads: one.
 */
final class EmptyRefcountBlocks {
  private final ImageFile file;
  private boolean uncertain;

  EmptyRefcountBlocks(ImageFile file) {
    this.file = file;
  }

  /** Whether the table was changed and could not be made durable (R9). */
  boolean uncertain() {
    return uncertain;
  }

  /** Drops what can be dropped; the refcount table stays where it is. */
  void drop(Qcow2Header header) throws IOException {
    ClusterGeometry geometry = header.geometry();
    StoredRefcounts stored = new StoredRefcounts(file, geometry, header.refcountTable());
    List<Long> dropped = new ArrayList<>();
    for (int i = stored.tableEntryCount() - 1; i > 0; i--) {
      long offset = stored.tableEntry(i) & StoredRefcounts.OFFSET_MASK;
      if (offset == 0) {
        continue;
      }
      long cluster = geometry.clusterIndex(offset);
      if (!empty(geometry, stored, i, cluster)) {
        break;
      }
      uncertain = true;
      ByteBuffer none = ByteBuffer.allocate(Long.BYTES);
      file.write(header.refcountTable().offset() + (long) i * Long.BYTES, none);
      dropped.add(cluster);
    }
    if (dropped.isEmpty()) {
      return;
    }
    file.node().flush(); // R4
    uncertain = false;
    StoredRefcounts left = new StoredRefcounts(file, geometry, header.refcountTable());
    for (long cluster : dropped) {
      if (left.stored(cluster)) {
        left.set(cluster, 0);
      }
    }
    left.write();
  }

  private static boolean empty(
      ClusterGeometry geometry, StoredRefcounts stored, int index, long own) throws IOException {
    long first = (long) index << geometry.refcountBlockBits();
    for (long at = first; at < first + geometry.refcountBlockEntryCount(); at++) {
      if (at != own && stored.get(at) != 0) {
        return false;
      }
    }
    return true;
  }
}
