package dev.platter.qcow2;

import dev.platter.api.driver.ReleaseMode;

/**
 * What an L2 entry becomes when its range is released.
 *
 * <p>Version 2 knows no zero clusters: there a range can only be let go of, which is right only
 * where nothing shows through from below. Whether that is so the graph knows: a backing file may be
 * given at run time.
 *
 * @param version the image's version
 * @param backed whether the header names a backing file
 * @param keeping whether a guest range keeps its host clusters when it is let go of
 */
record ReleaseRules(int version, boolean backed, boolean keeping) {

  /** Whether the image can say it at all. */
  boolean expressible(ReleaseMode mode) {
    return version >= 3 || mode == ReleaseMode.TO_BACKING;
  }

  /** Whether a cluster that is not compressed stays with its guest range. */
  boolean keepsCluster(ReleaseMode mode) {
    return mode == ReleaseMode.ZERO_KEEP || (keeping && mode != ReleaseMode.TO_BACKING);
  }

  /** Whether clusters that stay with their guest range have contents that nobody needs any more. */
  boolean emptied(ReleaseMode mode) {
    return keeping && mode != ReleaseMode.ZERO_KEEP && mode != ReleaseMode.TO_BACKING;
  }

  /** Whether nothing is to be done where nothing is allocated. */
  boolean keepsUnallocated(ReleaseMode mode) {
    return mode == ReleaseMode.TO_BACKING || (mode == ReleaseMode.DISCARD && !backed);
  }

  /** The entry that takes the place of {@code entry}; the same one if nothing is to be done. */
  long released(long entry, L2Entry.Kind kind, ReleaseMode mode) {
    if (mode == ReleaseMode.TO_BACKING) {
      return 0;
    }
    return switch (kind) {
      case UNALLOCATED -> keepsUnallocated(mode) ? entry : L2Entry.ZERO;
      case COMPRESSED -> L2Entry.ZERO;
      case NORMAL, ZERO_ALLOCATED -> keepsCluster(mode) ? entry | L2Entry.ZERO : L2Entry.ZERO;
      case ZERO_PLAIN -> entry;
    };
  }
}
