package dev.platter.qcow2;

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
 * @param extraBytes the size of the entry's extra data
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
    int extraBytes) {

  /** Bytes of an entry before extra data, id and name. */
  static final int FIXED_BYTES = 40;

  /** The most extra data that an entry may have. */
  static final int MAXIMUM_EXTRA_BYTES = 1024;

  /** Extra data that every entry has in version 3: state size and disk size. */
  static final int V3_EXTRA_BYTES = 16;
}
