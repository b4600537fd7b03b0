package dev.platter.toy;

import dev.platter.api.driver.ReadFence;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.Errno;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/**
 * Which clusters of the file are in use.
 *
 * <p>A cluster that the table no longer names passes through three states before it is used again:
 *
 * <ol>
 *   <li><i>unlinked</i>: the table in memory does not name it, the table in the file may;
 *   <li><i>waiting</i>: the table in the file does not name it either, and a power cut cannot bring
 *       it back; a reader that asked before may still be reading it;
 *   <li><i>free</i>: the read fence has passed.
 * </ol>
 *
 * <p>Threads: any number; its monitor guards it, and no I/O happens under it.
 */
final class ToyClusters {
  /** Clusters are numbered by 32 bits, of which two values mean something else. */
  private static final int MAX_CLUSTER_COUNT = Integer.MAX_VALUE;

  /** A cluster that the table ceased to name, with the fence's ticket of that moment. */
  record Retired(int cluster, long ticket) {}

  private final String image;
  private final ReadFence fence;
  private final BitSet used = new BitSet();
  private final Deque<Retired> waiting = new ArrayDeque<>();
  private List<Retired> unlinked = new ArrayList<>();

  /**
   * Finds the clusters in use.
   *
   * @throws CorruptImageException if the table names one twice, or one that is not in the file
   */
  ToyClusters(ToyHeader header, ToyTable table, long fileBytes, String image, ReadFence fence)
      throws CorruptImageException {
    this.image = image;
    this.fence = fence;
    int firstCluster = (int) (header.dataOffset() >>> header.clusterBits());
    used.set(0, firstCluster);
    for (int index = 0; index < table.entryCount(); index++) {
      int cluster = table.entry(index);
      if (!ToyTable.isCluster(cluster)) {
        continue;
      }
      long offset = Integer.toUnsignedLong(cluster) << header.clusterBits();
      if (cluster < firstCluster || offset >= fileBytes) {
        throw ToyTable.corrupt(
            image, index, "points at 0x%x, outside the clusters".formatted(offset));
      }
      if (used.get(cluster)) {
        throw ToyTable.corrupt(image, index, "points at 0x%x, which is in use".formatted(offset));
      }
      used.set(cluster);
    }
  }

  /** Takes a free cluster. */
  synchronized int take() throws BlockIoException {
    while (!waiting.isEmpty() && fence.passed(waiting.peekFirst().ticket())) {
      used.clear(waiting.removeFirst().cluster());
    }
    int cluster = used.nextClearBit(0);
    if (cluster == MAX_CLUSTER_COUNT) {
      throw new BlockIoException(image, "allocate a cluster", Errno.ENOSPC);
    }
    used.set(cluster);
    return cluster;
  }

  /** Gives back a cluster that the table never named. */
  synchronized void giveBack(int cluster) {
    used.clear(cluster);
  }

  /** Gives back a cluster that the table has just ceased to name. */
  synchronized void retire(int cluster) {
    unlinked.add(new Retired(cluster, fence.ticket()));
  }

  /**
   * Takes the clusters unlinked so far: to be called before the table is cut, so that the cut names
   * none of them.
   */
  synchronized List<Retired> cut() {
    List<Retired> cut = unlinked;
    unlinked = new ArrayList<>();
    return cut;
  }

  /** Lets the clusters of a cut wait for readers only: the table in the file is durable. */
  synchronized void durable(List<Retired> cut) {
    waiting.addAll(cut);
  }
}
