package dev.platter.tools.kill;

import java.util.Random;

/**
 * What one thread of a writing process does, drawn from a seed: both processes derive the same. The
 * threads own stripes of the disk in turn, which do not end where clusters do, so that they meet in
 * clusters and never in sectors.
 */
final class WriterPlan {
  static final int SECTOR_BYTES = 512;
  static final int THREAD_COUNT = 3;
  static final int DISK_SECTORS = 8 << 11; // 8 MiB

  /** The most that an operation is about. */
  static final int MAX_BYTES = 140 * SECTOR_BYTES;

  /** Of the first thread's operations, one in a hundred each. */
  private static final Kind[] WHOLE_DISK = {
    Kind.KEEP, Kind.KEEP, Kind.KEEP, Kind.KEEP, Kind.FORGET, Kind.FORGET, Kind.GO_BACK, Kind.GO_BACK
  };

  private static final int STRIPE_SECTORS = 200;
  private static final int STRIPE_COUNT = DISK_SECTORS / STRIPE_SECTORS;

  /** What an operation does. */
  enum Kind {
    WRITE,
    ZERO,
    ZERO_KEEPING_SPACE,
    DISCARD,
    FLUSH,
    SNAPSHOT,

    /** A snapshot is taken inside the top image. */
    KEEP,

    /** The oldest of those is deleted. */
    FORGET,

    /** The disk goes back to the newest of those. */
    GO_BACK
  }

  /**
   * One operation.
   *
   * @param number counts from 0 within its thread
   * @param firstSector where; 0 for one that is about the whole disk
   * @param sectorCount how much; 0 likewise
   */
  record Operation(Kind kind, int number, int firstSector, int sectorCount) {}

  private final Random random;
  private final int thread;
  private int number;

  /**
   * @param round the round of the process, counted over all that write to the image
   */
  WriterPlan(long seed, int round, int thread) {
    this.random = new Random(SectorStamp.mix(seed * 31 + round) + thread);
    this.thread = thread;
  }

  /** Whether a sector is of a stripe of some thread. */
  static boolean owns(int thread, int sector) {
    int stripe = sector / STRIPE_SECTORS;
    return stripe < STRIPE_COUNT && stripe % THREAD_COUNT == thread;
  }

  /** The next operation. */
  Operation next() {
    int choice = random.nextInt(100);
    if (choice < 12) {
      return new Operation(Kind.FLUSH, number++, 0, 0);
    }
    if (choice < 13 && thread == 0) {
      return new Operation(Kind.SNAPSHOT, number++, 0, 0);
    }
    if (choice < WHOLE_DISK.length + 13 && thread == 0) {
      return new Operation(WHOLE_DISK[choice - 13], number++, 0, 0);
    }
    Kind kind =
        choice < 72
            ? Kind.WRITE
            : choice < 82 ? Kind.ZERO : choice < 90 ? Kind.ZERO_KEEPING_SPACE : Kind.DISCARD;
    int ownCount = (STRIPE_COUNT - thread + THREAD_COUNT - 1) / THREAD_COUNT;
    int stripe = thread + random.nextInt(ownCount) * THREAD_COUNT;
    int start = random.nextInt(STRIPE_SECTORS);
    int length = 1 + random.nextInt(Math.min(MAX_BYTES / SECTOR_BYTES, STRIPE_SECTORS - start));
    return new Operation(kind, number++, stripe * STRIPE_SECTORS + start, length);
  }
}
