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
import java.util.List;
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
    List<Long> values =
        switch (kinds[slot]) {
          case READ -> success ? values(request.data(), firstSectors[slot]) : List.of();
          case WRITE -> written.get(slot);
          case WRITE_ZEROES, DISCARD, FLUSH -> List.of();
        };
    log.add(
        new StressOperation(
            kinds[slot], firstSectors[slot], counts[slot], values, begins[slot], end, success));
    free.add(request);
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

  /** The values of whole sectors, zero for zeros. */
  static List<Long> values(MemorySegment data, long firstSector) {
    List<Long> values = new ArrayList<>();
    for (int i = 0; i < data.byteSize() / SECTOR_BYTES; i++) {
      long start = (long) i * SECTOR_BYTES;
      long value = data.get(ValueLayout.JAVA_LONG_UNALIGNED, start);
      values.add(value);
      for (int word = 1; word < WORDS; word++) {
        long found = data.get(ValueLayout.JAVA_LONG_UNALIGNED, start + (long) word * Long.BYTES);
        long expected = value == 0 ? 0 : word(value, firstSector + i, word);
        if (found != expected) {
          throw new AssertionError(
              "sector %d holds value %d and, in word %d, something else: 0x%x"
                  .formatted(firstSector + i, value, word, found));
        }
      }
    }
    return values;
  }
}
