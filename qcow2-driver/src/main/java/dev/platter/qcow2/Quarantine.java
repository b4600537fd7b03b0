package dev.platter.qcow2;

import dev.platter.api.driver.ReadFence;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
 * </ul>
 *
 * <p>Threads: under the metadata lock, but for {@link #waiting()}.
 */
final class Quarantine {
  private static final int CROWD = 1 << 16;

  /** Why clusters become free. */
  enum Cause {
    /** A guest discarded them. */
    REQUEST,
    /** They were replaced. */
    OTHER
  }

  /** Clusters side by side, each unlinked once. */
  record Run(long firstCluster, long clusterCount, Cause cause) {}

  /** What was unlinked in one generation of metadata. */
  record Batch(List<Run> runs, long ticket) {}

  private final ReadFence fence;
  private final Deque<Batch> durable = new ArrayDeque<>();
  private List<Run> unlinked = new ArrayList<>();
  private volatile boolean waiting;

  Quarantine(ReadFence fence) {
    this.fence = fence;
  }

  /** Takes in clusters whose pointer has just been removed in memory. */
  void add(long firstCluster, long clusterCount, Cause cause) {
    if (!unlinked.isEmpty()) {
      Run last = unlinked.getLast();
      if (last.cause() == cause && last.firstCluster() + last.clusterCount() == firstCluster) {
        long count = last.clusterCount() + clusterCount;
        unlinked.set(unlinked.size() - 1, new Run(last.firstCluster(), count, cause));
        return;
      }
    }
    unlinked.add(new Run(firstCluster, clusterCount, cause));
  }

  /** Whether so much waits that it is time for a write-back. */
  boolean crowded() {
    return unlinked.size() > CROWD;
  }

  /** Takes what was unlinked in the generation that ends now. */
  Batch cut() {
    Batch batch = new Batch(unlinked, fence.ticket());
    unlinked = new ArrayList<>();
    return batch;
  }

  /** Puts a generation back that could not be written. */
  void restore(Batch batch) {
    List<Run> all = new ArrayList<>(batch.runs());
    all.addAll(unlinked);
    unlinked = all;
  }

  /** Says that a generation has been written, and is durable. */
  void durable(Batch batch) {
    if (!batch.runs().isEmpty()) {
      durable.add(batch);
      waiting = true;
    }
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
    Batch oldest = durable.peek();
    if (oldest == null || !(closing || fence.passed(oldest.ticket()))) {
      return List.of();
    }
    durable.remove();
    waiting = !durable.isEmpty();
    return oldest.runs();
  }
}
