package dev.platter.qcow2;

/**
 * The words of an L2 table (specification: "Cluster mapping", L2 table entry; "Compressed Clusters
 * Descriptor").
 */
final class L2Entry {
  /** Bits 9 to 55 of a standard entry: where the cluster begins; 0 where there is none. */
  static final long OFFSET_MASK = 0x00ff_ffff_ffff_fe00L;

  /** Bits of a standard entry that are to be zero. */
  static final long RESERVED_MASK = 0x3f00_0000_0000_01feL;

  /** The cluster's refcount is exactly one. Never set for a compressed cluster. */
  static final long COPIED = 1L << 63;

  /** The cluster is compressed: the other bits are a descriptor. */
  static final long COMPRESSED = 1L << 62;

  /** The cluster reads as zeros. Version 3, without extended L2 entries. */
  static final long ZERO = 1L;

  /** Compressed data is measured in units of this many bytes. */
  static final int SECTOR_BYTES = 512;

  /** What a cluster is. */
  enum Kind {
    /** The layer below answers. */
    UNALLOCATED,
    /** Zeros, without a host cluster. */
    ZERO_PLAIN,
    /** Zeros, with a host cluster in reserve. */
    ZERO_ALLOCATED,
    /** Stored as it is. */
    NORMAL,
    /** Stored compressed. */
    COMPRESSED
  }

  private L2Entry() {}

  /**
   * What an entry says of its cluster. In images of version 2 the zero bit is an error, for the
   * caller to report: here it counts.
   */
  static Kind kind(long entry) {
    if ((entry & COMPRESSED) != 0) {
      return Kind.COMPRESSED;
    }
    boolean allocated = (entry & OFFSET_MASK) != 0;
    if ((entry & ZERO) != 0) {
      return allocated ? Kind.ZERO_ALLOCATED : Kind.ZERO_PLAIN;
    }
    return allocated ? Kind.NORMAL : Kind.UNALLOCATED;
  }

  /**
   * What an entry says of its cluster in an image whose guest data may lie in an external file.
   * There the first cluster begins at offset 0, and the COPIED flag says that it is there.
   */
  static Kind kind(long entry, boolean dataFile) {
    Kind kind = kind(entry);
    return dataFile && kind == Kind.UNALLOCATED && copied(entry) ? Kind.NORMAL : kind;
  }

  /** Where a standard entry's cluster begins. Not checked for alignment. */
  static long clusterOffset(long entry) {
    return entry & OFFSET_MASK;
  }

  /** Whether the cluster may be changed in place. */
  static boolean copied(long entry) {
    return (entry & COPIED) != 0;
  }

  /** The entry of a cluster that nothing else refers to. */
  static long normal(long clusterOffset) {
    return clusterOffset | COPIED;
  }

  /** The entry of a cluster that reads as zeros; its host cluster stays in reserve. */
  static long zeroAllocated(long clusterOffset) {
    return clusterOffset | COPIED | ZERO;
  }

  /**
   * What lies between the entry of a cluster and that of the cluster behind it, if both belong to
   * one run: a cluster of the host, or nothing where there is no host cluster. A compressed cluster
   * begins no run.
   */
  static long step(long entry, int clusterBits) {
    return clusterOffset(entry) == 0 ? 0 : 1L << clusterBits;
  }

  /** Whether an entry goes on with the run in which {@code entry} stands. */
  static boolean follows(long entry, long next, int clusterBits) {
    long step = step(entry, clusterBits);
    return (entry & COMPRESSED) == 0 && next == entry + step && step(next, clusterBits) == step;
  }

  /** Where compressed data begins: any byte. */
  static long compressedOffset(long entry, int clusterBits) {
    return entry & ((1L << compressedOffsetBits(clusterBits)) - 1);
  }

  /**
   * How many bytes of the host file may hold the compressed data: up to the end of its last sector,
   * so it may end beyond the data and beyond the file.
   */
  static int compressedBytes(long entry, int clusterBits) {
    long sectorCount =
        ((entry >>> compressedOffsetBits(clusterBits)) & ((1L << (clusterBits - 8)) - 1)) + 1;
    long offset = compressedOffset(entry, clusterBits);
    return (int) (sectorCount * SECTOR_BYTES - (offset & (SECTOR_BYTES - 1)));
  }

  /**
   * The entry of a compressed cluster.
   *
   * @param hostOffset where its data begins
   * @param bytes how long it is, at least 1 and less than a cluster
   */
  static long compressed(long hostOffset, int bytes, int clusterBits) {
    int offsetBits = compressedOffsetBits(clusterBits);
    if (hostOffset >>> offsetBits != 0) {
      throw new IllegalArgumentException("compressed data at 0x" + Long.toHexString(hostOffset));
    }
    long additionalSectors = (hostOffset + bytes - 1) / SECTOR_BYTES - hostOffset / SECTOR_BYTES;
    return COMPRESSED | additionalSectors << offsetBits | hostOffset;
  }

  /** How many of the low bits of a compressed cluster's entry are its offset. */
  static int compressedOffsetBits(int clusterBits) {
    return 62 - (clusterBits - 8);
  }
}
