package dev.platter.qcow2;

import dev.platter.api.error.ImageFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The table of internal snapshots: entries of differing length, one behind the other.
 *
 * @param snapshots the entries in order
 * @param bytes the table's size without padding behind the last entry
 */
record SnapshotTable(List<InternalSnapshot> snapshots, int bytes) {
  private static final int MAXIMUM_BYTES = 64 << 20;
  private static final int WINDOW_BYTES = 64 << 10;
  private static final int ENTRY_ALIGNMENT = 8;

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
    Reader reader = new Reader(file, location.offset());
    List<InternalSnapshot> snapshots = new ArrayList<>();
    for (int i = 0; i < location.count(); i++) {
      reader.align();
      snapshots.add(entry(imageName, reader, i));
      if (reader.consumed() > MAXIMUM_BYTES) {
        throw new ImageFormatException(imageName, "Snapshot table is too big");
      }
    }
    return new SnapshotTable(snapshots, (int) reader.consumed());
  }

  private static InternalSnapshot entry(String imageName, Reader reader, int index)
      throws IOException {
    ByteBuffer fixed = reader.take(InternalSnapshot.FIXED_BYTES);
    TableLocation l1Table = new TableLocation(fixed.getLong(), fixed.getInt());
    int idBytes = fixed.getShort() & 0xffff;
    int nameBytes = fixed.getShort() & 0xffff;
    long seconds = Integer.toUnsignedLong(fixed.getInt());
    int nanoseconds = fixed.getInt();
    long vmClock = fixed.getLong();
    long vmState = Integer.toUnsignedLong(fixed.getInt());
    int extraBytes = fixed.getInt();
    if (extraBytes < 0 || extraBytes > InternalSnapshot.MAXIMUM_EXTRA_BYTES) {
      throw new ImageFormatException(
          imageName, "Too much extra metadata in snapshot table entry " + index);
    }
    ByteBuffer extra = reader.take(extraBytes);
    if (extra.remaining() >= Long.BYTES) {
      vmState = extra.getLong();
    }
    OptionalLong diskBytes =
        extra.remaining() >= Long.BYTES ? OptionalLong.of(extra.getLong()) : OptionalLong.empty();
    String id = text(reader.take(idBytes));
    String name = text(reader.take(nameBytes));
    return new InternalSnapshot(
        l1Table, id, name, seconds, nanoseconds, vmClock, vmState, diskBytes, extraBytes);
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes).toString();
  }

  /** Reads on through the file, in pieces of a bounded size whatever the entries say. */
  private static final class Reader {
    private final ImageFile file;
    private final long start;
    private long windowStart;
    private ByteBuffer window = ByteBuffer.allocate(0);

    Reader(ImageFile file, long start) {
      this.file = file;
      this.start = start;
      this.windowStart = start;
    }

    long consumed() {
      return windowStart + window.position() - start;
    }

    void align() throws IOException {
      int over = (int) consumed() & (ENTRY_ALIGNMENT - 1);
      if (over != 0) {
        take(ENTRY_ALIGNMENT - over);
      }
    }

    /** The next bytes; valid until the next call. */
    ByteBuffer take(int length) throws IOException {
      if (window.remaining() < length) {
        windowStart += window.position();
        window = file.read(windowStart, Math.max(WINDOW_BYTES, length));
      }
      ByteBuffer taken = window.slice(window.position(), length);
      window.position(window.position() + length);
      return taken;
    }
  }
}
