package dev.platter.tools.kill;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Contents of a sector that tell who wrote it: its number, the number of the writing operation, and
 * words that follow from both. 0 stands for a sector of zeros.
 */
final class SectorStamp {
  static final long ZEROS = 0;

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final int WORDS = WriterPlan.SECTOR_BYTES / Long.BYTES;

  private SectorStamp() {}

  /** The stamp of an operation; never {@link #ZEROS}. */
  static long of(int round, int thread, int operation) {
    return (long) (round + 1) << 40 | (long) thread << 32 | operation;
  }

  /** Stamps whole sectors. */
  static void write(MemorySegment data, int firstSector, long stamp) {
    for (long at = 0; at < data.byteSize(); at += WriterPlan.SECTOR_BYTES) {
      long sector = firstSector + at / WriterPlan.SECTOR_BYTES;
      data.set(LONG, at, sector);
      data.set(LONG, at + Long.BYTES, stamp);
      for (int i = 2; i < WORDS; i++) {
        data.set(LONG, at + (long) i * Long.BYTES, word(sector, stamp, i));
      }
    }
  }

  /**
   * The stamp that a sector bears.
   *
   * @throws AssertionError if its contents are no stamp of that sector, nor zeros
   */
  static long read(MemorySegment data, int sector) {
    long stamp = data.get(LONG, Long.BYTES);
    boolean zeros = stamp == ZEROS;
    boolean good = data.get(LONG, 0) == (zeros ? 0 : sector);
    for (int i = 2; i < WORDS && good; i++) {
      good = data.get(LONG, (long) i * Long.BYTES) == (zeros ? 0 : word(sector, stamp, i));
    }
    if (!good) {
      throw new AssertionError(
          "sector %d holds another one's bytes, or half of its own: it says sector %d, %s"
              .formatted(sector, data.get(LONG, 0), describe(stamp)));
    }
    return stamp;
  }

  /** A stamp, for messages. */
  static String describe(long stamp) {
    return stamp == ZEROS
        ? "zeros"
        : "round %d, thread %d, operation %d"
            .formatted((stamp >> 40) - 1, stamp >> 32 & 0xff, (int) stamp);
  }

  private static long word(long sector, long stamp, int index) {
    return mix(sector * 0x9e37_79b9_7f4a_7c15L + stamp) + index;
  }

  /** SplitMix64's finalizer. */
  static long mix(long value) {
    long mixed = (value ^ value >>> 30) * 0xbf58_476d_1ce4_e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
    return mixed ^ mixed >>> 31;
  }
}
