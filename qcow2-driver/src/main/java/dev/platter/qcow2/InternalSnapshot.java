package dev.platter.qcow2;

import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.OptionalLong;

/**
 * One entry of the snapshot table (specification: "Snapshot table entry").
 *
 * @param l1Table the snapshot's copy of the L1 table; untrusted
 * @param id the snapshot's id, unique within the image
 * @param name its name
 * @param seconds when it was taken, in seconds since 1970
 * @param nanoseconds of that second
 * @param vmClockNanoseconds how long the guest had run
 * @param vmStateBytes the size of the saved machine state; 0 for a snapshot of the disk alone
 * @param diskBytes the virtual size when it was taken; empty if the entry does not say
 * @param instructionCount how many instructions the guest had executed, if the entry says
 * @param extraBytes the size of the entry's extra data, as it says; unsigned 32 bits
 */
record InternalSnapshot(
    TableLocation l1Table,
    String id,
    String name,
    long seconds,
    int nanoseconds,
    long vmClockNanoseconds,
    long vmStateBytes,
    OptionalLong diskBytes,
    OptionalLong instructionCount,
    long extraBytes) {

  /** Bytes of an entry before extra data, id and name. */
  static final int FIXED_BYTES = 40;

  /** Where the size of the extra data stands. */
  static final int EXTRA_BYTES_OFFSET = 36;

  /** The most extra data that an entry may have. */
  static final int MAXIMUM_EXTRA_BYTES = 1024;

  /** Extra data that every entry has in version 3: state size and disk size. */
  static final int V3_EXTRA_BYTES = 16;

  /** Extra data that entries have which we write: an instruction count as well. */
  static final int WRITTEN_EXTRA_BYTES = 24;

  /** Stands in the entry where instructions were not counted. */
  static final long NO_INSTRUCTION_COUNT = -1;

  private static final int VM_STATE_OFFSET = 32;

  /** What users are told of it; where the entry lacks the disk's size, that is the current one. */
  SnapshotInfo info(long currentBytes) {
    return new SnapshotInfo(
        id,
        name,
        vmStateBytes,
        Instant.ofEpochSecond(seconds, Integer.toUnsignedLong(nanoseconds)),
        vmClockNanoseconds,
        instructionCount,
        diskBytes.orElse(currentBytes));
  }

  /** The entry, as new ones are written: with all extra data that has a meaning. */
  ByteBuffer encode(long currentBytes) {
    byte[] idBytes = id.getBytes(StandardCharsets.UTF_8);
    byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(
            FIXED_BYTES + WRITTEN_EXTRA_BYTES + idBytes.length + nameBytes.length)
        .putLong(l1Table.offset())
        .putInt(l1Table.count())
        .putShort((short) idBytes.length)
        .putShort((short) nameBytes.length)
        .putInt((int) seconds)
        .putInt(nanoseconds)
        .putLong(vmClockNanoseconds)
        .putInt(vmStateBytes >>> Integer.SIZE == 0 ? (int) vmStateBytes : 0)
        .putInt(WRITTEN_EXTRA_BYTES)
        .putLong(vmStateBytes)
        .putLong(diskBytes.orElse(currentBytes))
        .putLong(instructionCount.orElse(NO_INSTRUCTION_COUNT))
        .put(idBytes)
        .put(nameBytes)
        .flip();
  }

  /** Whether the entry has more extra data than it may have. */
  boolean overlong() {
    return extraBytes > MAXIMUM_EXTRA_BYTES;
  }

  /** Whether the entry lacks extra data that it has in a version. */
  boolean incomplete(int version) {
    return version >= 3 && extraBytes < V3_EXTRA_BYTES;
  }

  /**
   * The entry as it should be: with all extra data that has a meaning, and without what an overlong
   * entry has behind it.
   *
   * @param entry the entry as it stands in the image
   * @param currentBytes the virtual size to assume where the entry does not say
   */
  ByteBuffer mended(SnapshotReader.Entry entry, long currentBytes) {
    ByteBuffer known = entry.extra();
    int kept = overlong() ? WRITTEN_EXTRA_BYTES : known.remaining();
    ByteBuffer extra = ByteBuffer.allocate(Math.max(kept, WRITTEN_EXTRA_BYTES));
    extra.putLong(entry.fixed().getInt(VM_STATE_OFFSET) & 0xffff_ffffL);
    extra.putLong(currentBytes).putLong(NO_INSTRUCTION_COUNT).clear();
    int whole = kept >= WRITTEN_EXTRA_BYTES ? kept : kept & -Long.BYTES;
    extra.put(0, known, known.position(), Math.min(whole, known.remaining()));
    ByteBuffer fixed =
        ByteBuffer.allocate(FIXED_BYTES)
            .put(entry.fixed())
            .putInt(EXTRA_BYTES_OFFSET, extra.capacity());
    return ByteBuffer.allocate(FIXED_BYTES + extra.capacity() + entry.idAndName().remaining())
        .put(fixed.clear())
        .put(extra)
        .put(entry.idAndName())
        .flip();
  }
}
