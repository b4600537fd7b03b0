package dev.platter.qcow2;

import dev.platter.api.driver.CheckableFormat.Repair;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Checks that an entry of the active tables carries the COPIED flag exactly if the refcount of what
 * it names is one. Runs after the refcounts have been mended.
 *
 * <p>Threads: one.
 */
final class CopiedFlagCheck {
  private final ImageFile file;
  private final Qcow2Header header;
  private final ClusterGeometry geometry;
  private final StoredRefcounts stored;
  private final FixedMetadata fixed;
  private final CheckTally tally;
  private final boolean mends;
  private final TableVisits visits;

  CopiedFlagCheck(
      String imageName,
      ImageFile file,
      Qcow2Header header,
      StoredRefcounts stored,
      FixedMetadata fixed,
      CheckTally tally,
      Repair repair) {
    this.fixed = fixed;
    this.file = file;
    this.header = header;
    this.geometry = header.geometry();
    this.stored = stored;
    this.tally = tally;
    this.visits = new TableVisits(imageName, file, geometry);
    // Flags follow refcounts, so a repair of leaks touches them only where all refcounts are right.
    this.mends = repair == Repair.ALL || (repair == Repair.LEAKS && tally.clean());
  }

  void run() throws IOException {
    TableLocation location = header.l1Table();
    ByteBuffer l1 =
        file.read(location.offset(), location.count() * ClusterGeometry.TABLE_ENTRY_BYTES);
    for (int i = 0; i < location.count(); i++) {
      long entry = l1.getLong(i * ClusterGeometry.TABLE_ENTRY_BYTES);
      long l2Offset = L1Entry.tableOffset(entry);
      long cluster = geometry.clusterIndex(l2Offset);
      if (l2Offset == 0 || !stored.readable(cluster)) {
        continue;
      }
      if (!checkL1Entry(i, entry, stored.get(cluster))) {
        failed("L1");
        return;
      }
      if (visits.due(l2Offset, 1) && !checkTable(l2Offset, 1)) {
        failed("L2");
        return;
      }
    }
    if (!mends) { // a table that was mended is right each time that it is named
      visits.settle(this::checkTable);
    }
  }

  private void failed(String level) {
    tally.checkError(
        "ERROR: Could not write %s table; metadata overlap check failed: Input/output error"
            .formatted(level));
  }

  /** Whether the entry could be mended, or need not be. */
  private boolean checkL1Entry(int index, long entry, long refcount) throws IOException {
    if ((refcount == 1) == L1Entry.copied(entry)) {
      return true;
    }
    long entryOffset = header.l1Table().offset() + (long) index * ClusterGeometry.TABLE_ENTRY_BYTES;
    if (mends && !fixed.allowsL1Entry(entryOffset)) {
      tally.corruptions++;
      return false;
    }
    report(
        "OFLAG_COPIED L2 cluster: l1_index=%d l1_entry=%x refcount=%s"
            .formatted(index, entry, Long.toUnsignedString(refcount)),
        1);
    if (mends) {
      ByteBuffer mended = ByteBuffer.allocate(Long.BYTES).putLong(entry ^ L1Entry.COPIED).flip();
      file.write(entryOffset, mended);
    }
    return true;
  }

  /** Whether the table could be mended, or need not be. */
  private boolean checkTable(long l2Offset, long times) throws IOException {
    ByteBuffer l2 = file.read(l2Offset, geometry.clusterBytes());
    long corruptionsFixed = tally.corruptionsFixed;
    boolean changed = false;
    for (int at = 0; at < l2.capacity(); at += geometry.l2EntryBytes()) {
      long entry = l2.getLong(at);
      L2Entry.Kind kind = L2Entry.kind(entry, header.features().dataFile());
      if (kind != L2Entry.Kind.NORMAL && kind != L2Entry.Kind.ZERO_ALLOCATED) {
        continue;
      }
      long cluster = geometry.clusterIndex(L2Entry.clusterOffset(entry));
      if (!header.features().dataFile() && !stored.readable(cluster)) {
        continue;
      }
      long refcount = header.features().dataFile() ? 1 : stored.get(cluster);
      if ((refcount == 1) != L2Entry.copied(entry)) {
        report(
            "OFLAG_COPIED data cluster: l2_entry=%x refcount=%s"
                .formatted(entry, Long.toUnsignedString(refcount)),
            times);
        l2.putLong(at, entry ^ L2Entry.COPIED);
        changed = true;
      }
    }
    if (!changed || !mends) {
      return true;
    }
    if (!fixed.allowsTable(l2Offset)) {
      tally.corruptions += tally.corruptionsFixed - corruptionsFixed;
      tally.corruptionsFixed = corruptionsFixed;
      return false;
    }
    file.write(l2Offset, l2);
    return true;
  }

  private void report(String what, long times) {
    if (mends) {
      tally.mended("Repairing " + what);
    } else {
      tally.corruption("ERROR " + what, times);
    }
  }
}
