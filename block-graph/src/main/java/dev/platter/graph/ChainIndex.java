package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.Ranges;
import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.Mapping;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;

/**
 * Remembers, for one node on top of a chain, which layers below it hold nothing of a range, so that
 * a read passes over them at once: a chain costs what two layers cost, however many there are.
 *
 * <p>It is filled by reads that have had to walk. Where a walk finds that layers hold nothing, it
 * asks them for the bytes around in the same breath, as far as they know without reading, so an
 * empty layer is asked once for each {@link #STRETCH_SEGMENTS} where it has no tables at all, and
 * otherwise once for each of their slices.
 *
 * <ul>
 *   <li>I1: of the top nothing is remembered: it is asked at each read, and so may change.
 *   <li>I2: only layers that will not change again are passed over ({@link FormatNode#settled}). A
 *       chain whose nodes are exchanged gets another index ({@link BlockGraph#chainVersion}).
 *   <li>I3: an entry says where to begin to search, not where bytes lie. The layer found there is
 *       asked, under its own fence, as it would be without the index. If it holds nothing either,
 *       the search goes on below it; what that learns is remembered if no layer above had to be
 *       left out for I2.
 *   <li>I4: a unit is the smallest unit of mapping in the chain, or, on a large disk, up to the
 *       smallest unit of allocation. So no layer is asked about bytes that are damaged unless
 *       somebody wants to read them.
 *   <li>I5: what is held was taken from the budget of all caches, and never exceeds {@link
 *       IndexSize#maximumBytes}; without room, nothing is remembered. Which segment makes room is
 *       left to chance: of a disk that is read round and round, the oldest is wanted next.
 * </ul>
 *
 * <p>Threads: any; looking something up takes no lock.
 */
final class ChainIndex implements CacheBudget.Evictor, AutoCloseable {
  /** More segments than these only where units are as large as they may be (I4). */
  private static final int FINE_SEGMENTS = 1 << 16;

  private static final int MAXIMUM_SEGMENTS = 1 << 20;
  private static final int REFERENCE_BYTES = 4;

  /** So many segments, side by side, are filled by one walk. */
  private static final int STRETCH_SEGMENTS = 64;

  /**
   * Where a search goes on.
   *
   * @param depth how deep: 1 is the node below the top
   * @param endOffset the end of the range for which it may begin there
   */
  record Step(int depth, long endOffset) {}

  private final long version;
  private final IndexSize size;
  private final BlockNode[] nodes;
  private final int unitBits;
  private final long segmentBytes;
  private final long diskBytes;
  private final AtomicReferenceArray<ChainSegment> segments;
  private final CacheBudget.Share share;
  private final ReentrantLock lock = new ReentrantLock();
  private final FilledSegments filled = new FilledSegments();
  private long heldBytes;
  private volatile long lastUse;

  /**
   * An index of which nothing is filled. Reads nothing.
   *
   * @param version the chains' version before the nodes below {@code top} were looked at
   */
  ChainIndex(FormatNode top, long version, CacheBudget budget, IndexSize size) {
    this.version = version;
    this.size = size;
    this.share = budget.join(this, 0).orElseThrow();
    this.diskBytes = top.size();
    List<BlockNode> chain = new ArrayList<>();
    long unitBytes = Long.MAX_VALUE;
    long largestUnitBytes = Long.MAX_VALUE;
    BlockNode node = top;
    chain.add(node);
    while (node instanceof FormatNode layer) {
      long layerUnitBytes = layer.driver().mappingUnitBytes();
      if (layerUnitBytes > 1) {
        unitBytes = Math.min(unitBytes, layerUnitBytes);
        largestUnitBytes = Math.min(largestUnitBytes, layer.driver().allocationUnitBytes());
      }
      if (layer.backing().isEmpty()) {
        break;
      }
      node = layer.backing().get();
      chain.add(node);
    }
    while (unitBytes < largestUnitBytes && segmentsOf(unitBytes) > FINE_SEGMENTS) {
      unitBytes *= 2;
    }
    this.nodes = chain.toArray(BlockNode[]::new);
    this.unitBits = Long.numberOfTrailingZeros(unitBytes);
    this.segmentBytes = (long) size.segmentUnits() << unitBits;
    this.segments = new AtomicReferenceArray<>(segmentCount(unitBytes));
  }

  /** The version of the chains for which it is good. */
  long version() {
    return version;
  }

  /** The node at a depth: 0 is the top. */
  BlockNode node(int depth) {
    return nodes[depth];
  }

  /** Whether there is nothing below a depth. */
  boolean endsAt(int depth) {
    return depth == nodes.length - 1;
  }

  /**
   * Where to search for bytes that a node does not hold.
   *
   * @param depth the node's, which is not the last of the chain
   * @param end where the range ends in which it holds nothing
   * @param mayWalk whether layers may be passed over of which that is not known yet
   * @throws WouldWait if they may not, and have to be
   */
  Step below(int depth, long offset, long end, boolean mayWalk) throws IOException {
    if (segments.length() == 0) {
      if (!mayWalk && depth > 0 && !endsAt(depth + 1)) {
        throw new WouldWait();
      }
      return new Step(depth + 1, end);
    }
    noteUse();
    int unit = unitIndex(offset);
    ChainSegment known = segments.get(segmentIndex(offset));
    if (known != null && known.depth(unit) > depth) {
      long runEnd = segmentStart(offset) + ((long) known.runEnd(unit) << unitBits);
      return new Step(known.depth(unit), Math.min(end, runEnd));
    }
    return learn(depth, offset, end, mayWalk);
  }

  @Override
  public long oldestUse() {
    lock.lock();
    try {
      return filled.isEmpty() ? NOTHING : lastUse;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long evictOldest() {
    lock.lock();
    try {
      return filled.isEmpty() ? 0 : dropOne();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    share.close();
  }

  /** What it takes of memory, beside one reference for each segment. */
  long heldBytes() {
    lock.lock();
    try {
      return heldBytes;
    } finally {
      lock.unlock();
    }
  }

  /** Walks down from a layer, and remembers what it finds of the bytes around. */
  private Step learn(int depth, long offset, long end, boolean mayWalk) throws IOException {
    long start = offset & -(1L << unitBits);
    long stretch = (long) segmentIndex(offset) / STRETCH_SEGMENTS * STRETCH_SEGMENTS * segmentBytes;
    long from = stretch;
    long reach = Math.min(diskBytes, stretch + STRETCH_SEGMENTS * segmentBytes);
    int next = Math.max(depth, 1);
    if (next + 1 < nodes.length && nothingUntil(nodes[next], start, unitEnd(start)) <= start) {
      return new Step(depth + 1, end); // the usual case, and most often the last that is asked
    }
    while (next + 1 < nodes.length) {
      // A reach may have been rounded up to a unit, beyond the disk's end.
      long nothingUntil = nothingUntil(nodes[next], start, Math.min(reach, diskBytes));
      if (nothingUntil <= start) {
        break;
      }
      if (!mayWalk) {
        throw new WouldWait();
      }
      reach = nothingUntil;
      from = nothingFrom(nodes[next], start, from);
      next++;
    }
    int target = next;
    if (target <= depth) {
      return new Step(depth + 1, end); // the layer holds a part of the unit
    }
    if (target > 1) {
      remember(start, from, reach, Math.max(depth, 1), target);
    }
    return new Step(target, target > 1 ? Math.min(end, reach) : end);
  }

  /** The end of the units from an offset on of which a layer that will not change holds nothing. */
  private long nothingUntil(BlockNode node, long start, long end) throws IOException {
    if (!(node instanceof FormatNode layer) || !layer.settled()) { // I2
      return start;
    }
    long within = Math.min(end, layer.size());
    if (start >= within) {
      return start;
    }
    if (!(layer.image().map(start, within - start) instanceof Mapping.Backing nothing)) {
      return start;
    }
    long nothingUntil = Math.min(within, start + nothing.length());
    return nothingUntil == diskBytes
        ? Ranges.alignUp(nothingUntil, 1L << unitBits) // its last unit may be cut short
        : nothingUntil & -(1L << unitBits);
  }

  private long unitEnd(long start) {
    return Math.min(diskBytes, start + (1L << unitBits));
  }

  /** The start of the units up to an offset of which a layer that will not change holds nothing. */
  private long nothingFrom(BlockNode node, long start, long least) throws IOException {
    long from = ((FormatNode) node).driver().backingStart(start, least);
    return Ranges.alignUp(from, 1L << unitBits);
  }

  /**
   * Remembers a range around an offset: other segments than its own where these have no part yet.
   */
  private void remember(long offset, long from, long reach, int above, int depth) {
    int own = segmentIndex(offset);
    remember(own, known -> segmentOf(own, from, reach, known, above, depth));
    if (above > 1 || segments.get(own) == null) {
      return; // nothing is known there of the layers above, or there is no room
    }
    int last = segmentIndex(reach - 1);
    for (int index = segmentIndex(from); index <= last && hasRoom(); index++) {
      if (segments.get(index) == null) {
        int other = index;
        remember(index, known -> segmentOf(other, from, reach, known, above, depth));
      }
    }
  }

  private ChainSegment segmentOf(
      int index, long from, long reach, ChainSegment known, int above, int depth) {
    long start = index * segmentBytes;
    int firstUnit = (int) (Math.max(0, from - start) >> unitBits);
    int endUnit = (int) (Math.min(segmentBytes, reach - start) >> unitBits);
    return known.with(firstUnit, endUnit, above, depth);
  }

  private void remember(int index, UnaryOperator<ChainSegment> learned) {
    ChainSegment old = segments.get(index);
    ChainSegment segment =
        learned.apply(old == null ? ChainSegment.unknown(size.segmentUnits()) : old);
    long oldBytes = old == null ? 0 : bytesOf(old);
    long growth = bytesOf(segment) - oldBytes;
    long taken = Math.max(growth, 0);
    if (!share.take(taken)) { // I5
      return;
    }
    long back = taken;
    lock.lock();
    try {
      filled.reserve(); // takes memory, and so comes first
      if (segments.compareAndSet(index, old, segment)) {
        back = taken - growth;
        heldBytes += growth;
        if (old == null) {
          filled.add(index);
        }
        while (heldBytes > size.maximumBytes()) {
          back += dropOne();
        }
      }
    } finally {
      lock.unlock();
      share.give(back);
    }
  }

  /** Whether one more segment can be had without another that would go. */
  private boolean hasRoom() {
    lock.lock();
    try {
      int least = ChainSegment.LEAST_BYTES + FilledSegments.NUMBER_BYTES;
      return heldBytes + least <= size.maximumBytes();
    } finally {
      lock.unlock();
    }
  }

  private long dropOne() {
    long bytes = bytesOf(segments.getAndSet(filled.removeAny(), null));
    heldBytes -= bytes;
    return bytes;
  }

  /** What a filled segment takes of memory: itself, and its number among those that are filled. */
  private static int bytesOf(ChainSegment segment) {
    return segment.heldBytes() + FilledSegments.NUMBER_BYTES;
  }

  private void noteUse() {
    long now = share.now();
    if (lastUse != now) {
      lastUse = now;
    }
  }

  /** None where there is nothing to pass over, or where the index would be out of proportion. */
  private int segmentCount(long unitBytes) {
    if (nodes.length < 3 || unitBytes == Long.MAX_VALUE) {
      return 0;
    }
    long count = segmentsOf(unitBytes);
    boolean fits = count <= MAXIMUM_SEGMENTS && share.take(count * REFERENCE_BYTES);
    return fits ? (int) count : 0;
  }

  private long segmentsOf(long unitBytes) {
    return diskBytes / unitBytes / size.segmentUnits() + 1;
  }

  private int segmentIndex(long offset) {
    return (int) ((offset >> unitBits) / size.segmentUnits());
  }

  private long segmentStart(long offset) {
    return segmentIndex(offset) * segmentBytes;
  }

  private int unitIndex(long offset) {
    return (int) ((offset >> unitBits) % size.segmentUnits());
  }
}
