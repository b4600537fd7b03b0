package dev.platter.qcow2;

/**
 * The second word of an extended L2 entry: what each of the cluster's 32 subclusters is
 * (specification: "Extended L2 Entries"). Bit {@code n} says that subcluster {@code n} is
 * allocated, bit {@code 32 + n} that it reads as zeros; both together say nothing.
 *
 * <p>Of the first word, the bit that makes a standard cluster read as zeros means nothing here. The
 * second word of a compressed cluster is zero.
 */
final class Subclusters {
  /** Subclusters in a cluster. */
  static final int COUNT = 32;

  /** log2 of {@link #COUNT}. */
  static final int COUNT_BITS = 5;

  /** All subclusters are allocated. */
  static final long ALL_ALLOCATED = 0xffff_ffffL;

  /** All subclusters read as zeros. */
  static final long ALL_ZERO = ALL_ALLOCATED << COUNT;

  /** What a subcluster is. */
  enum Kind {
    /** The layer below answers. */
    UNALLOCATED_PLAIN,
    /** The layer below answers; there is a host cluster in which the subcluster has its place. */
    UNALLOCATED_ALLOCATED,
    /** Zeros, without a host cluster. */
    ZERO_PLAIN,
    /** Zeros, with a place in a host cluster. */
    ZERO_ALLOCATED,
    /** Stored as it is. */
    NORMAL,
    /** Part of a cluster that is stored compressed. */
    COMPRESSED
  }

  private Subclusters() {}

  /**
   * What a subcluster is by the words of an entry that is {@link #valid}.
   *
   * @param dataFile whether guest data lies in an external file, as for all of these
   */
  static Kind kind(long entry, long bitmap, int subcluster, boolean dataFile) {
    if (compressed(entry)) {
      return Kind.COMPRESSED;
    }
    boolean hosted = hosted(entry, dataFile);
    if ((bitmap >>> (COUNT + subcluster) & 1) != 0) {
      return hosted ? Kind.ZERO_ALLOCATED : Kind.ZERO_PLAIN;
    }
    if (!hosted) {
      return Kind.UNALLOCATED_PLAIN;
    }
    return (bitmap >>> subcluster & 1) != 0 ? Kind.NORMAL : Kind.UNALLOCATED_ALLOCATED;
  }

  /** Whether the words do not contradict each other. */
  static boolean valid(long entry, long bitmap, boolean dataFile) {
    if (compressed(entry)) {
      return true; // what follows a compressed cluster's descriptor is not looked at, as in QEMU
    }
    return hosted(entry, dataFile) ? !contradicts(bitmap) : allocated(bitmap) == 0;
  }

  /** Whether a subcluster is said to be allocated and to be zeros. */
  static boolean contradicts(long bitmap) {
    return (bitmap >>> COUNT & bitmap) != 0;
  }

  /** Whether the cluster is stored compressed. */
  static boolean compressed(long entry) {
    return (entry & L2Entry.COMPRESSED) != 0;
  }

  /**
   * Whether an entry that is not compressed names a host cluster. In an external file that may
   * begin at offset 0, and the COPIED flag says that it is there.
   */
  static boolean hosted(long entry, boolean dataFile) {
    return L2Entry.clusterOffset(entry) != 0 || (dataFile && L2Entry.copied(entry));
  }

  /** Whether the entry names a host cluster that may be changed in place. */
  static boolean owned(long entry, boolean dataFile) {
    return !compressed(entry) && hosted(entry, dataFile) && L2Entry.copied(entry);
  }

  /** The bits of the allocated subclusters. */
  static long allocated(long bitmap) {
    return bitmap & ALL_ALLOCATED;
  }

  /** How many subclusters from one on are in the same state as it is, at least 1. */
  static int run(long bitmap, int subcluster) {
    int allocated = (int) bitmap;
    int zero = (int) (bitmap >>> COUNT);
    int same =
        ((allocated >>> subcluster & 1) != 0 ? allocated : ~allocated)
            & ((zero >>> subcluster & 1) != 0 ? zero : ~zero);
    return Integer.numberOfTrailingZeros(~(same >>> subcluster));
  }

  /** The bitmap once subclusters {@code [from, to)} have been written. */
  static long written(long bitmap, int from, int to) {
    long range = range(from, to);
    return (bitmap | range) & ~(range << COUNT);
  }

  /** The bitmap once subclusters {@code [from, to)} read as zeros. */
  static long zeroed(long bitmap, int from, int to) {
    long range = range(from, to);
    return (bitmap | range << COUNT) & ~range;
  }

  /** The first allocated subcluster, or {@link #COUNT} or more if there is none. */
  static int firstAllocated(long bitmap) {
    return Long.numberOfTrailingZeros(allocated(bitmap));
  }

  /** The end of the last allocated subcluster; 0 if there is none. */
  static int endAllocated(long bitmap) {
    return Long.SIZE - Long.numberOfLeadingZeros(allocated(bitmap));
  }

  private static long range(int from, int to) {
    return (1L << to) - (1L << from);
  }
}
