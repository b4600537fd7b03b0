package dev.platter.qcow2;

import dev.platter.api.driver.ReadFence;
import java.util.ArrayList;
import java.util.List;

/**
 * Clusters that nothing in memory points to any more, and that are not free yet.
 *
 * <p>A cluster passes through three states: unlinked (the pointer is gone in memory), durable (it
 * is gone in the image) and free (its refcount has been lowered, in memory).
 *
 * <ul>
 *   <li><b>I1</b> (R4, R5) A refcount goes down, in memory too, only after the removal of the
 *       pointer is durable: so a refcount block may be written at any time.
 *   <li><b>I2</b> ...and only after all reads and writes have ended that may have mapped the
 *       cluster before the pointer went: so nobody sees, or overwrites, another block's bytes.
 *   <li><b>I3</b> (R5) A cluster is punched out of the file while its refcount still keeps others
 *       from it.
 *   <li><b>I4</b> Before the file grows for guest data, what is unlinked is written back if it is
 *       much ({@link #worthWritingBack}): so a guest that never flushes does not fill the host. The
 *       one who needs the space writes back, and then takes what there is: it does not wait for I2,
 *       where it may be the user that would have to end.
 *   <li><b>I5</b> Nothing that comes in is lost, whatever fails: {@link #reserve} and {@link #cut}
 *       do all or nothing, and {@link #add} after a reservation, {@link #restore} and {@link
 *       #durable} allocate nothing.
 * </ul>
 *
 * <p>Threads: under the metadata lock, but for {@link #waiting()}.
 */
final class Quarantine {
  private static final int CROWD = 1 << 16;

  /** What may wait although the file grows: so much for certain, and a part of a larger file. */
  private static final long LEAST_BYTES = 4L << 20;

  private static final long MOST_BYTES = 1L << 30;
  private static final int FILE_PARTS = 8;

  /** Why clusters become free. */
  enum Cause {
    /** A guest let go of them: it discarded them, or wrote zeros over them. */
    REQUEST,
    /** They were replaced. */
    OTHER
  }

  /** Clusters side by side, each unlinked once. */
  record Run(long firstCluster, long clusterCount, Cause cause) {}

  /** What was unlinked in one generation of metadata. */
  private record Batch(ClusterRuns runs, long ticket) {}

  private final ReadFence fence;
  private final PackingTail tail;
  private final int clusterBits;

  /** What was cut, the oldest first; only the first of them are durable. */
  private final List<Batch> batches = new ArrayList<>();

  private int durableCount;
  private ClusterRuns unlinked = new ClusterRuns();

  /** What was cut and is unlinked all the same, since it could not be written. */
  private int restoredRuns;

  private long restoredClusters;
  private volatile boolean waiting;

  /**
   * @param tail told of every cluster that comes in
   */
  Quarantine(ReadFence fence, int clusterBits, PackingTail tail) {
    this.fence = fence;
    this.tail = tail;
    this.clusterBits = clusterBits;
  }

  /** Makes room for runs, before their pointers are removed (I5). */
  void reserve(int runCount) {
    unlinked.reserve(runCount);
  }

  /** Takes in clusters whose pointer has just been removed in memory. */
  void add(long firstCluster, long clusterCount, Cause cause) {
    tail.leave(firstCluster, clusterCount);
    unlinked.add(firstCluster, clusterCount, cause);
  }

  /** Whether so much waits that it is time for a write-back. */
  boolean crowded() {
    return unlinked.size() + restoredRuns > CROWD;
  }

  /**
   * Whether a write-back would let so much go that a file should not grow before it. What waits for
   * readers alone does not count: no write-back makes them leave.
   */
  boolean worthWritingBack(long fileBytes) {
    long boundBytes = Math.clamp(fileBytes / FILE_PARTS, LEAST_BYTES, MOST_BYTES);
    return unlinked.clusterCount() + restoredClusters >= boundBytes >> clusterBits;
  }

  /**
   * Takes what was unlinked in the generation that ends now, and what was put back; {@link
   * #durable} or {@link #restore} follows.
   */
  void cut() {
    if (unlinked.size() > 0) {
      ClusterRuns next = new ClusterRuns();
      batches.add(new Batch(unlinked, fence.ticket()));
      unlinked = next;
    }
    restoredRuns = 0;
    restoredClusters = 0;
  }

  /**
   * Puts back what was cut and could not be written: it goes with the next generation. It keeps its
   * ticket, which is as young as I2 needs.
   */
  void restore() {
    for (int i = durableCount; i < batches.size(); i++) {
      restoredRuns += batches.get(i).runs().size();
      restoredClusters += batches.get(i).runs().clusterCount();
    }
  }

  /** Says that what was cut has been written, and is durable. */
  void durable() {
    durableCount = batches.size();
    waiting = durableCount > 0;
  }

  /** Whether something may be ready to be freed; no lock needed. */
  boolean waiting() {
    return waiting;
  }

  /**
   * Takes the runs of the oldest generation that may be freed; none if there is none.
   *
   * @param closing whether nobody can be using the image any more
   */
  List<Run> takeReady(boolean closing) {
    if (durableCount == 0 || !(closing || fence.passed(batches.getFirst().ticket()))) {
      return List.of();
    }
    List<Run> runs = batches.getFirst().runs().list();
    batches.removeFirst();
    durableCount--;
    waiting = durableCount > 0;
    return runs;
  }
}
