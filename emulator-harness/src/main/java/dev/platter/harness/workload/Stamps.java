package dev.platter.harness.workload;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Contents that say where and when they were written: each 512-byte sector holds its number, the
 * seed, the generation, and 61 words that follow from these three. A sector that was lost, torn,
 * misplaced or is out of date does not pass for another.
 */
final class Stamps {
  private static final int SECTOR_BYTES = 512;
  private static final int HEADER_WORDS = 3;
  private static final int WORDS = SECTOR_BYTES / Long.BYTES;
  private static final long STEP = 0x9e37_79b9_7f4a_7c15L;
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Stamps() {}

  /** Stamps whole sectors. */
  static void write(MemorySegment data, long firstSector, long seed, long generation) {
    for (long at = 0; at < data.byteSize(); at += SECTOR_BYTES) {
      long sector = firstSector + at / SECTOR_BYTES;
      data.set(LONG, at, sector);
      data.set(LONG, at + 8, seed);
      data.set(LONG, at + 16, generation);
      long word = mix(sector ^ mix(seed + generation));
      for (int i = HEADER_WORDS; i < WORDS; i++) {
        word += STEP;
        data.set(LONG, at + (long) i * Long.BYTES, word);
      }
    }
  }

  /** Whether a sector holds what {@link #write} puts there. */
  static boolean holds(MemorySegment data, long sector, long seed, long generation) {
    if (data.get(LONG, 0) != sector
        || data.get(LONG, 8) != seed
        || data.get(LONG, 16) != generation) {
      return false;
    }
    long word = mix(sector ^ mix(seed + generation));
    for (int i = HEADER_WORDS; i < WORDS; i++) {
      word += STEP;
      if (data.get(LONG, (long) i * Long.BYTES) != word) {
        return false;
      }
    }
    return true;
  }

  /** The generation that a sector says it has. */
  static long generation(MemorySegment data) {
    return data.get(LONG, 16);
  }

  /** Describes a sector, for messages. */
  static String describe(MemorySegment data) {
    return "sector 0x%x, seed %d, generation %d"
        .formatted(data.get(LONG, 0), data.get(LONG, 8), data.get(LONG, 16));
  }

  /** SplitMix64's finalizer. */
  static long mix(long value) {
    long mixed = (value ^ value >>> 30) * 0xbf58_476d_1ce4_e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d0_49bb_1331_11ebL;
    return mixed ^ mixed >>> 31;
  }
}
