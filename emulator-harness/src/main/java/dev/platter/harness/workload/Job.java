package dev.platter.harness.workload;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.harness.blk.BlkStatus;
import dev.platter.harness.blk.VirtioBlkRequest;
import dev.platter.harness.guest.GuestRequest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * One job of a workload: says the next request, and takes completions.
 *
 * <ul>
 *   <li>I1. With verification no block has two requests in flight, so that each read has one right
 *       answer.
 *   <li>I2. A block's generation is that of the last write submitted to it; 0 if there was none.
 * </ul>
 *
 * <p>Threads: one; {@link #stop} and the tallies from any.
 */
final class Job {
  private static final int SECTOR_BYTES = VirtioBlkRequest.SECTOR_BYTES;
  private static final int MAX_PROBLEMS = 5;

  /** A generation is kept of each of them, in 4 bytes. */
  private static final long MAX_VERIFIED_BLOCKS = 1L << 27;

  private final Workload workload;
  private final boolean verifying;
  private final long firstBlock;
  private final long stepCount;
  private final BlockOrder order;
  private final SplittableRandom random;
  private final int[] generations;
  private final BitSet busy = new BitSet();
  private final Tally reads = new Tally();
  private final Tally writes = new Tally();
  private final List<String> problems = new ArrayList<>();
  private volatile boolean stopped;
  private long step;
  private long inFlight;
  private int checkIndex;
  private long checkedCount;
  private long badCount;
  private long errorCount;
  private long endNanos = System.nanoTime();

  /**
   * @param jobIndex from 0
   * @param capacityBytes the disk's size
   * @throws OptionException if that leaves the job no block, or more than it can keep track of
   */
  Job(Workload workload, int jobIndex, long capacityBytes) throws OptionException {
    this.workload = workload;
    this.verifying = workload.verify() == Verify.PATTERN;
    long range = Math.min(workload.sizeBytes().orElse(capacityBytes), capacityBytes);
    long blocks = range / workload.blockBytes();
    long share = verifying ? blocks / workload.jobCount() : blocks;
    requireShare(workload, share, range, capacityBytes);
    this.firstBlock = verifying ? share * jobIndex : 0;
    this.stepCount =
        Math.min(
            workload.ioCount().orElse(Long.MAX_VALUE),
            workload.timeBased() ? Long.MAX_VALUE : share);
    long seed = Stamps.mix(workload.seed() + jobIndex);
    this.order = new BlockOrder(workload.pattern().random(), share, seed);
    this.random = new SplittableRandom(seed);
    this.generations = new int[verifying ? Math.toIntExact(share) : 0];
  }

  private static void requireShare(Workload workload, long share, long range, long capacityBytes)
      throws OptionException {
    boolean verifying = workload.verify() == Verify.PATTERN;
    int jobCount = verifying ? workload.jobCount() : 1;
    String jobs =
        "%d job%s with blocks of %d bytes"
            .formatted(jobCount, jobCount == 1 ? "" : "s", workload.blockBytes());
    String key = range < capacityBytes ? WorkloadOptions.SIZE.name() : "";
    if (share < 1) {
      long leastBytes = Math.multiplyExact((long) workload.blockBytes(), jobCount);
      throw refusal(key, range, "%d bytes are too few for " + jobs, "at least " + leastBytes);
    }
    if (verifying && share > MAX_VERIFIED_BLOCKS) {
      long mostBytes = MAX_VERIFIED_BLOCKS * workload.blockBytes() * jobCount;
      throw refusal(
          key, range, "%d bytes are too many to verify, for " + jobs, "at most " + mostBytes);
    }
  }

  /** Refuses the range; the key is empty where it is the disk's size. */
  private static OptionException refusal(String key, long range, String message, String allowed) {
    return new OptionException(
        new OptionProblem(
            key, message.formatted(range), Long.toString(range), allowed, Optional.empty()));
  }

  /**
   * Fills memory that requests without stamps write: not zeros, which disks treat in their own way.
   */
  void fill(GuestRequest request) {
    Stamps.write(request.buffer(), random.nextLong() >>> 16, workload.seed(), 0);
  }

  /** Ends the job early; what is in flight completes, what was written is still verified. */
  void stop() {
    stopped = true;
  }

  /** Whether nothing is left to do. */
  boolean done() {
    return inFlight == 0 && !running() && nextCheck() == generations.length;
  }

  private boolean running() {
    return !stopped && step < stepCount && problems.isEmpty();
  }

  /** Makes {@code request} the next one; false if there is none, or none before a completion. */
  boolean prepare(GuestRequest request) {
    if (running()) {
      return prepareStep(request);
    }
    if (inFlight > 0 && checkIndex == 0) {
      return false; // everything is written before anything is checked
    }
    int check = nextCheck();
    if (check == generations.length) {
      return false;
    }
    checkIndex = check + 1;
    submit(request.read(sector(check), workload.blockBytes()), check);
    return true;
  }

  private boolean prepareStep(GuestRequest request) {
    long block = order.blockIndex(step);
    if (verifying && busy.get((int) block)) {
      return false; // I1
    }
    step++;
    if (random.nextInt(100) < workload.effectiveReadPercent()) {
      submit(request.read(sector(block), workload.blockBytes()), block);
      return true;
    }
    if (verifying) {
      int generation = ++generations[(int) block]; // I2
      Stamps.write(request.buffer(), sector(block), workload.seed(), generation);
    }
    submit(request.write(sector(block), workload.blockBytes()), block);
    return true;
  }

  private void submit(GuestRequest request, long block) {
    request.setTag(block);
    inFlight++;
    if (verifying) {
      busy.set((int) block);
    }
  }

  private long sector(long block) {
    return (firstBlock + block) * (workload.blockBytes() / SECTOR_BYTES);
  }

  /** The next written block to be read at the end; as many as there are blocks if none is left. */
  private int nextCheck() {
    if (errorCount > 0) {
      return generations.length; // what a failed write left is anybody's guess
    }
    int index = checkIndex;
    while (index < generations.length && generations[index] == 0) {
      index++;
    }
    return index;
  }

  /** Takes a completion. */
  void completed(GuestRequest request, long nowNanos) {
    inFlight--;
    if (verifying) {
      busy.clear((int) request.tag());
    }
    boolean read = request.type() == VirtioBlkRequest.TYPE_IN;
    if (request.status() != BlkStatus.OK) {
      errorCount++;
      report("%s: %s".formatted(request, request.status()));
      return;
    }
    if (read && verifying) {
      verify(request);
    }
    if (checkIndex == 0) { // reads of the final check are not part of the measurement
      endNanos = nowNanos;
      Tally tally = read ? reads : writes;
      tally.add(workload.blockBytes(), nowNanos - request.submittedNanos());
    }
  }

  private void verify(GuestRequest request) {
    int generation = generations[(int) request.tag()];
    boolean known = generation > 0;
    if (!known && workload.pattern().writes()) {
      return; // never written by this job: it may hold anything
    }
    checkedCount++;
    int sectorCount = workload.blockBytes() / SECTOR_BYTES;
    for (int i = 0; i < sectorCount; i++) {
      var sector = request.data().asSlice((long) i * SECTOR_BYTES, SECTOR_BYTES);
      long expected = known ? generation : Stamps.generation(sector);
      if (!Stamps.holds(sector, request.sector() + i, workload.seed(), expected)) {
        badCount++;
        report(
            "sector 0x%x: expected generation %s, found %s"
                .formatted(
                    request.sector() + i, known ? generation : "any", Stamps.describe(sector)));
        return;
      }
    }
  }

  private void report(String problem) {
    if (problems.size() < MAX_PROBLEMS) {
      problems.add(workload.name() + ": " + problem);
    }
  }

  Tally reads() {
    return reads;
  }

  Tally writes() {
    return writes;
  }

  /** Blocks that were compared with what they should hold. */
  long checkedCount() {
    return checkedCount;
  }

  /** Of those, the ones that held something else. */
  long badCount() {
    return badCount;
  }

  /** Requests that failed. */
  long errorCount() {
    return errorCount;
  }

  /** The first few failures, in words. */
  List<String> problems() {
    return problems;
  }

  /** {@link System#nanoTime} at the last completion before the final check. */
  long endNanos() {
    return endNanos;
  }

  /** How many requests the job will have made, if time does not end it; for progress. */
  long stepCount() {
    return stepCount;
  }
}
