package dev.platter.qcow2;

import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Checks the entries of the snapshot table. A repair works out the table as it should be, for
 * somebody else to write: entries get the extra data that they lack, lose what they have too much,
 * and are dropped where the table exceeds its limits.
 *
 * <p>Threads: one.
 */
final class SnapshotTableCheck {
  private static final String UNREADABLE = "failed to read the snapshot table: ";

  private final String imageName;
  private final ImageFile file;
  private final Qcow2Header header;
  private final CheckTally tally;
  private final boolean mends;
  private final List<InternalSnapshot> snapshots = new ArrayList<>();
  private final List<ByteBuffer> mended = new ArrayList<>();
  private long bytes;
  private long mendedBytes;
  private long corruptions;

  /**
   * @param tally takes findings; corruptions only of what is not to be mended
   */
  SnapshotTableCheck(
      String imageName, ImageFile file, Qcow2Header header, CheckTally tally, Repair repair) {
    this.imageName = imageName;
    this.file = file;
    this.header = header;
    this.tally = tally;
    this.mends = repair == Repair.ALL;
  }

  /**
   * Reads the table.
   *
   * @return the entries as they are to be counted; empty if there are no snapshots
   * @throws BlockIoException if the table cannot be read and is not to be mended
   */
  Optional<SnapshotTable> read() throws IOException {
    long declared = Integer.toUnsignedLong(header.snapshotTable().count());
    if (declared == 0) {
      return Optional.empty();
    }
    int count = (int) Math.min(declared, HeaderRules.MAXIMUM_SNAPSHOTS);
    if (declared > count) {
      discardTooMany(declared - count);
    }
    SnapshotReader reader = new SnapshotReader(file, header.snapshotTable().offset());
    for (int index = 0; index < count; index++) {
      SnapshotReader.Entry entry = reader.next();
      if (entry.snapshot().overlong()) {
        discardExtra(index, entry.snapshot());
      }
      mendedBytes = SnapshotReader.aligned(mendedBytes) + entry.keptBytes();
      if (mendedBytes > SnapshotTable.MAXIMUM_BYTES || reader.consumed() > Integer.MAX_VALUE) {
        discardEntries(count - index);
        break;
      }
      take(entry);
      bytes = reader.consumed();
    }
    checkComplete();
    return Optional.of(new SnapshotTable(snapshots, (int) bytes));
  }

  /** How much is wrong that the mended table sets right. */
  long corruptions() {
    return corruptions;
  }

  /** How many snapshots the mended table has. */
  int mendedCount() {
    return snapshots.size();
  }

  /** The mended table. */
  ByteBuffer mendedTable() {
    int total = 0;
    for (ByteBuffer entry : mended) {
      total = (int) SnapshotReader.aligned(total) + entry.remaining();
    }
    ByteBuffer table = ByteBuffer.allocate(total);
    for (ByteBuffer entry : mended) {
      table.position((int) SnapshotReader.aligned(table.position())).put(entry.duplicate());
    }
    return table.clear();
  }

  private void take(SnapshotReader.Entry entry) {
    snapshots.add(entry.snapshot());
    if (mends) {
      mended.add(entry.snapshot().mended(entry, header.diskBytes()));
    }
  }

  private void discardTooMany(long count) throws BlockIoException {
    refuse("snapshot table too large", SnapshotTable.entriesHint(count));
    tally.note("Discarding %d overhanging snapshots".formatted(count));
    corruptions += count;
  }

  private void discardExtra(int index, InternalSnapshot snapshot) throws BlockIoException {
    refuse(
        UNREADABLE + "Too much extra metadata in snapshot table entry " + index,
        SnapshotTable.EXTRA_DATA_HINT);
    tally.note(
        "Discarding too much extra metadata in snapshot table entry %d (%d > %d)"
            .formatted(index, snapshot.extraBytes(), InternalSnapshot.MAXIMUM_EXTRA_BYTES));
    corruptions++;
  }

  private void discardEntries(int count) throws BlockIoException {
    refuse(UNREADABLE + "Snapshot table is too big", SnapshotTable.entriesHint(count));
    tally.note("Discarding %d overhanging snapshots (snapshot table is too big)".formatted(count));
    corruptions += count;
  }

  private void refuse(String what, String hint) throws BlockIoException {
    if (!mends) {
      tally.note("ERROR " + what);
      tally.note(hint);
      throw new BlockIoException(imageName, what, Errno.EFBIG);
    }
  }

  private void checkComplete() {
    for (int i = 0; i < snapshots.size(); i++) {
      if (!snapshots.get(i).incomplete(header.version())) {
        continue;
      }
      String what = "snapshot table entry %d is incomplete".formatted(i);
      if (mends) {
        tally.note("Repairing " + what);
        corruptions++;
      } else {
        tally.corruption("ERROR " + what);
      }
    }
  }
}
