package dev.platter.qcow2;

import dev.platter.api.error.ImageFormatException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The table of internal snapshots: entries of differing length, one behind the other.
 *
 * @param snapshots the entries in order
 * @param bytes the table's size without padding behind the last entry
 */
record SnapshotTable(List<InternalSnapshot> snapshots, int bytes) {
  static final int MAXIMUM_BYTES = 64 << 20;

  /** What a repair does about extra data that is too long. */
  static final String EXTRA_DATA_HINT =
      "You can force-remove this extra metadata with qemu-img check -r all";

  SnapshotTable {
    snapshots = List.copyOf(snapshots);
  }

  /**
   * Reads the table that a header names.
   *
   * @throws ImageFormatException if an entry is longer than entries may be
   */
  static SnapshotTable read(String imageName, ImageFile file, Qcow2Header header)
      throws IOException {
    TableLocation location = header.snapshotTable();
    SnapshotReader reader = new SnapshotReader(file, location.offset());
    List<InternalSnapshot> snapshots = new ArrayList<>();
    for (int i = 0; i < location.count(); i++) {
      InternalSnapshot snapshot = reader.next().snapshot();
      if (snapshot.overlong()) {
        throw new ImageFormatException(
            imageName, "Too much extra metadata in snapshot table entry " + i, EXTRA_DATA_HINT);
      }
      if (reader.consumed() > MAXIMUM_BYTES) {
        throw new ImageFormatException(
            imageName, "Snapshot table is too big", entriesHint(location.count() - i));
      }
      snapshots.add(snapshot);
    }
    return new SnapshotTable(snapshots, (int) reader.consumed());
  }

  /** What a repair does about entries that are too many. */
  static String entriesHint(long count) {
    return "You can force-remove all %d overhanging snapshots with qemu-img check -r all"
        .formatted(count);
  }
}
