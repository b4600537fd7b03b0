package dev.platter.harness.stress;

import dev.platter.harness.blk.BlkStatus;
import dev.platter.harness.guest.DriverQueue;
import dev.platter.harness.guest.GuestIoException;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.stress.StressOperation.Kind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Keeps one queue full of random requests, for sectors that all queues use, and notes what came of
 * them. Every sector that is written says its number, and a value that no other write has.
 *
 * <p>Threads: one.
 */
final class StressQueue {
  static final int SECTOR_BYTES = 512;
  private static final int WORDS = SECTOR_BYTES / Long.BYTES;
  private static final int MOST_SECTORS = 24;
  private static final long STEP = 0x9e37_79b9_7f4a_7c15L;
  private static final long INVERSE_STEP = 0xf1de_83e1_9937_733dL; // STEP times this is 1

  private final MockBlkDriver disk;
  private final DriverQueue queue;
  private final int sectorCount;
  private final RandomGenerator random;
  private final ArrayDeque<GuestRequest> free = new ArrayDeque<>();
  private final Kind[] kinds;
  private final int[] counts;
  private final long[] begins;
  private final long[] firstSectors;
  private final List<List<Long>> written;
  private List<StressOperation> log = new ArrayList<>();
  private long nextValue;

  StressQueue(MockBlkDriver disk, int queueIndex, int depth, int sectorCount, long seed) {
    this.disk = disk;
    this.queue = disk.queue(queueIndex);
    this.sectorCount = sectorCount;
    this.random = new SplittableRandom(seed + queueIndex);
    this.nextValue = ((long) queueIndex << 40) + 1;
    this.kinds = new Kind[depth];
    this.counts = new int[depth];
    this.begins = new long[depth];
    this.firstSectors = new long[depth];
    this.written = new ArrayList<>(Collections.nCopies(depth, List.of()));
    for (int i = 0; i < depth; i++) {
      GuestRequest request = disk.newRequest(MOST_SECTORS * SECTOR_BYTES);
      request.setTag(i);
      free.add(request);
    }
  }

  /** Runs until a moment, and until all requests have ended; gives what was done. */
  List<StressOperation> run(long deadlineNanos) throws GuestIoException {
    log = new ArrayList<>();
    while (true) {
      while (!free.isEmpty() && System.nanoTime() < deadlineNanos && offer(free.peek())) {
        free.remove();
      }
      queue.kick();
      if (queue.reap(this::completed) == 0) {
        if (queue.inFlight() == 0) {
          return log;
        }
        queue.await(disk.timeout());
      }
    }
  }

  private boolean offer(GuestRequest request) {
    int slot = (int) request.tag();
    int count = 1 + random.nextInt(MOST_SECTORS);
    long sector = random.nextInt(sectorCount - count);
    int dice = random.nextInt(100);
    kinds[slot] =
        dice < 42
            ? Kind.READ
            : dice < 84
                ? Kind.WRITE
                : dice < 90 ? Kind.WRITE_ZEROES : dice < 98 ? Kind.DISCARD : Kind.FLUSH;
    counts[slot] = count;
    switch (kinds[slot]) {
      case READ -> request.read(sector, count * SECTOR_BYTES);
      case WRITE -> {
        written.set(slot, stamp(request.buffer(), sector, count));
        request.write(sector, count * SECTOR_BYTES);
      }
      case WRITE_ZEROES -> request.writeZeroes(sector, count, random.nextBoolean());
      case DISCARD -> request.discard(sector, count);
      case FLUSH -> request.flush();
    }
    firstSectors[slot] = sector;
    begins[slot] = System.nanoTime();
    return queue.offer(request);
  }

  private void completed(GuestRequest request) {
    long end = System.nanoTime();
    int slot = (int) request.tag();
    boolean success = request.status() == BlkStatus.OK;
    if (kinds[slot] == Kind.READ && success) {
      logRead(slot, end, held(request.data(), firstSectors[slot]));
    } else {
      List<Long> values = kinds[slot] == Kind.WRITE ? written.get(slot) : List.of();
      log.add(
          new StressOperation(
              kinds[slot], firstSectors[slot], counts[slot], values, begins[slot], end, success));
    }
    free.add(request);
  }

  /** A read of every value that was found: each of them must have been there meanwhile. */
  private void logRead(int slot, long end, List<Set<Long>> held) {
    for (int i = 0; i < held.size(); i++) {
      for (long value : held.get(i)) {
        log.add(
            new StressOperation(
                Kind.READ, firstSectors[slot] + i, 1, List.of(value), begins[slot], end, true));
      }
    }
  }

  private List<Long> stamp(MemorySegment data, long firstSector, int count) {
    List<Long> values = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      long value = nextValue++;
      values.add(value);
      for (int word = 0; word < WORDS; word++) {
        long at = (long) i * SECTOR_BYTES + (long) word * Long.BYTES;
        data.set(ValueLayout.JAVA_LONG_UNALIGNED, at, word(value, firstSector + i, word));
      }
    }
    return values;
  }

  private static long word(long value, long sector, int word) {
    return word == 0 ? value : (value + sector * STEP) * STEP + word;
  }

  /**
   * The values of whole sectors that nobody writes meanwhile, zero for zeros.
   *
   * @throws AssertionError if a sector holds parts of several
   */
  static List<Long> values(MemorySegment data, long firstSector) {
    List<Long> values = new ArrayList<>();
    for (Set<Long> held : held(data, firstSector)) {
      if (held.size() > 1) {
        long sector = firstSector + values.size();
        throw new AssertionError("sector %d holds parts of the values %s".formatted(sector, held));
      }
      values.addAll(held);
    }
    return values;
  }

  /**
   * The values that each sector holds parts of. The host's page cache does not keep a read and a
   * write of the same bytes apart, so a sector that is written meanwhile may show a part of each.
   */
  private static List<Set<Long>> held(MemorySegment data, long firstSector) {
    List<Set<Long>> sectors = new ArrayList<>();
    for (int i = 0; i < data.byteSize() / SECTOR_BYTES; i++) {
      Set<Long> held = new LinkedHashSet<>();
      for (int word = 0; word < WORDS; word++) {
        long at = (long) i * SECTOR_BYTES + (long) word * Long.BYTES;
        held.add(value(data.get(ValueLayout.JAVA_LONG_UNALIGNED, at), firstSector + i, word));
      }
      sectors.add(held);
    }
    return sectors;
  }

  /** The value whose {@link #word} this is; one that nobody wrote, if it is no such word. */
  private static long value(long found, long sector, int word) {
    return word == 0 || found == 0 ? found : (found - word) * INVERSE_STEP - sector * STEP;
  }
}
