package dev.platter.qcow2;

/** The words of an L1 table (specification: "Cluster mapping", L1 table entry). */
final class L1Entry {
  /** Bits 9 to 55: where the L2 table begins; 0 where there is none. */
  static final long OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;

  /** Bits that are to be zero. */
  static final long RESERVED_MASK = 0x7f00_0000_0000_01ffL;

  /** The L2 table's refcount is exactly one. Says something in the active L1 table only. */
  static final long COPIED = 1L << 63;

  private L1Entry() {}

  /** Where the L2 table begins, 0 if there is none. Not checked for alignment. */
  static long tableOffset(long entry) {
    return entry & OFFSET_MASK;
  }

  /** Whether the L2 table may be changed in place. */
  static boolean copied(long entry) {
    return (entry & COPIED) != 0;
  }

  /** The entry of an L2 table that nothing else refers to. */
  static long of(long tableOffset) {
    return tableOffset | COPIED;
  }
}
