package dev.platter.qcow2;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The snapshot table as it is to be written: entries with the bytes that they stand in, so that
 * extra data nobody here knows is kept. Immutable.
 *
 * <p>Entries that lack extra data are given it, whatever the image's version: so every entry says
 * what size its disk has, also when the disk's size changes later.
 */
final class SnapshotList {
  private static final int ENTRY_ALIGNMENT = 8;

  /** A snapshot, and the entry that is written for it. */
  private record Entry(InternalSnapshot snapshot, ByteBuffer bytes) {}

  private final String imageName;
  private final List<Entry> entries;

  private SnapshotList(String imageName, List<Entry> entries) {
    this.imageName = imageName;
    this.entries = List.copyOf(entries);
  }

  /** Reads the table that a header names. */
  static SnapshotList read(String imageName, ImageFile file, Qcow2Header header)
      throws IOException {
    SnapshotTable.read(imageName, file, header); // refuses what is too large
    SnapshotReader reader = new SnapshotReader(file, header.snapshotTable().offset());
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < header.snapshotTable().count(); i++) {
      SnapshotReader.Entry entry = reader.next();
      ByteBuffer bytes = entry.snapshot().mended(entry, header.diskBytes());
      entries.add(new Entry(entry.snapshot(), bytes));
    }
    return new SnapshotList(imageName, entries);
  }

  /** The snapshots, in the table's order. */
  List<InternalSnapshot> snapshots() {
    return entries.stream().map(Entry::snapshot).toList();
  }

  /**
   * The snapshot with an id.
   *
   * @throws BlockIoException with ENOENT if there is none
   */
  InternalSnapshot find(String id) throws BlockIoException {
    Optional<InternalSnapshot> found =
        snapshots().stream().filter(snapshot -> snapshot.id().equals(id)).findFirst();
    return found.orElseThrow(
        () -> new BlockIoException(imageName, "find the snapshot " + id, Errno.ENOENT));
  }

  /** An id that no snapshot has: one more than the largest that is a number. */
  String unusedId() {
    long largest = 0;
    for (Entry entry : entries) {
      String id = entry.snapshot().id();
      if (id.matches("[0-9]{1,18}")) {
        largest = Math.max(largest, Long.parseLong(id));
      }
    }
    return Long.toString(largest + 1);
  }

  /**
   * A list with another snapshot at its end.
   *
   * @throws BlockIoException with EFBIG if it is then longer than it may be
   */
  SnapshotList with(InternalSnapshot snapshot, long currentBytes) throws BlockIoException {
    List<Entry> more = new ArrayList<>(entries);
    more.add(new Entry(snapshot, snapshot.encode(currentBytes)));
    SnapshotList longer = new SnapshotList(imageName, more);
    if (more.size() > HeaderRules.MAXIMUM_SNAPSHOTS
        || longer.bytes() > SnapshotTable.MAXIMUM_BYTES) {
      throw new BlockIoException(imageName, "add a snapshot", Errno.EFBIG);
    }
    return longer;
  }

  /** A list without the snapshot of this id. */
  SnapshotList without(String id) {
    List<Entry> fewer = new ArrayList<>(entries);
    for (int i = 0; i < fewer.size(); i++) {
      if (fewer.get(i).snapshot().id().equals(id)) {
        fewer.remove(i);
        break;
      }
    }
    return new SnapshotList(imageName, fewer);
  }

  int size() {
    return entries.size();
  }

  /** The table's size without padding behind the last entry. */
  long bytes() {
    long bytes = 0;
    for (Entry entry : entries) {
      bytes = aligned(bytes) + entry.bytes().remaining();
    }
    return bytes;
  }

  /** The table's bytes. */
  ByteBuffer encode() {
    ByteBuffer table = ByteBuffer.allocate((int) bytes());
    for (Entry entry : entries) {
      table.position((int) aligned(table.position())).put(entry.bytes().duplicate());
    }
    return table.clear();
  }

  private static long aligned(long position) {
    return (position + ENTRY_ALIGNMENT - 1) & -ENTRY_ALIGNMENT;
  }
}
