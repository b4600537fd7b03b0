package dev.platter.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;

/**
 * Reads the entries of a snapshot table, one behind the other, in pieces of a bounded size whatever
 * the entries say. Believes nothing: an entry may be longer than it should be.
 *
 * <p>Threads: one.
 */
final class SnapshotReader {
  private static final int WINDOW_BYTES = 64 << 10;
  private static final int ENTRY_ALIGNMENT = 8;

  /**
   * An entry, and the bytes of which it was made.
   *
   * @param fixed the fields that every entry has
   * @param extra extra data, up to the most that an entry may have
   * @param idAndName what follows the extra data
   */
  record Entry(
      InternalSnapshot snapshot, ByteBuffer fixed, ByteBuffer extra, ByteBuffer idAndName) {
    Entry {
      fixed = fixed.asReadOnlyBuffer();
      extra = extra.asReadOnlyBuffer();
      idAndName = idAndName.asReadOnlyBuffer();
    }

    /** Bytes of the entry without extra data that no entry may have. */
    int keptBytes() {
      return fixed.remaining() + extra.remaining() + idAndName.remaining();
    }

    @Override
    public ByteBuffer fixed() {
      return fixed.duplicate();
    }

    @Override
    public ByteBuffer extra() {
      return extra.duplicate();
    }

    @Override
    public ByteBuffer idAndName() {
      return idAndName.duplicate();
    }
  }

  private final ImageFile file;
  private final long start;
  private long windowStart;
  private ByteBuffer window = ByteBuffer.allocate(0);

  /**
   * @param start where the table begins
   */
  SnapshotReader(ImageFile file, long start) {
    this.file = file;
    this.start = start;
    this.windowStart = start;
  }

  /** Where the next entry begins if the last one ended at a position of the table. */
  static long aligned(long position) {
    return (position + ENTRY_ALIGNMENT - 1) & -ENTRY_ALIGNMENT;
  }

  /** Bytes of the table that have been passed. */
  long consumed() {
    return windowStart + window.position() - start;
  }

  /** The next entry; zeros behind the end of the file. */
  Entry next() throws IOException {
    int over = (int) consumed() & (ENTRY_ALIGNMENT - 1);
    if (over != 0) {
      take(ENTRY_ALIGNMENT - over);
    }
    ByteBuffer fixed = take(InternalSnapshot.FIXED_BYTES);
    int idBytes = fixed.getShort(12) & 0xffff;
    int nameBytes = fixed.getShort(14) & 0xffff;
    long extraBytes = fixed.getInt(InternalSnapshot.EXTRA_BYTES_OFFSET) & 0xffff_ffffL;
    ByteBuffer extra = take((int) Math.min(extraBytes, InternalSnapshot.MAXIMUM_EXTRA_BYTES));
    skip(extraBytes - extra.remaining());
    ByteBuffer idAndName = take(idBytes + nameBytes);
    InternalSnapshot snapshot =
        new InternalSnapshot(
            new TableLocation(fixed.getLong(0), fixed.getInt(8)),
            text(idAndName.slice(0, idBytes)),
            text(idAndName.slice(idBytes, nameBytes)),
            fixed.getInt(16) & 0xffff_ffffL,
            fixed.getInt(20),
            fixed.getLong(24),
            extra.remaining() >= 8 ? extra.getLong(0) : fixed.getInt(32) & 0xffff_ffffL,
            extra.remaining() >= 16 ? OptionalLong.of(extra.getLong(8)) : OptionalLong.empty(),
            instructionCount(extra),
            extraBytes);
    return new Entry(snapshot, fixed, extra, idAndName);
  }

  private static OptionalLong instructionCount(ByteBuffer extra) {
    boolean counted =
        extra.remaining() >= InternalSnapshot.WRITTEN_EXTRA_BYTES
            && extra.getLong(16) != InternalSnapshot.NO_INSTRUCTION_COUNT;
    return counted ? OptionalLong.of(extra.getLong(16)) : OptionalLong.empty();
  }

  /** A text, which ends at its first NUL if it holds one: QEMU knows it by that. */
  private static String text(ByteBuffer bytes) {
    String text = StandardCharsets.UTF_8.decode(bytes).toString();
    int end = text.indexOf('\0');
    return end < 0 ? text : text.substring(0, end);
  }

  private ByteBuffer take(int length) throws IOException {
    if (window.remaining() < length) {
      windowStart += window.position();
      window = file.read(windowStart, Math.max(WINDOW_BYTES, length));
    }
    ByteBuffer taken = window.slice(window.position(), length);
    window.position(window.position() + length);
    return taken;
  }

  private void skip(long length) {
    if (length > 0) {
      windowStart += window.position() + length;
      window = ByteBuffer.allocate(0);
    }
  }
}
