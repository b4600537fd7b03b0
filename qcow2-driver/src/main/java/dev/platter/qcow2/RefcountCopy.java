package dev.platter.qcow2;

import dev.platter.api.error.BlockException;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The refcounts as they are to be, beside those in the image: blocks that change are written to
 * free clusters, and so is the table. Once the header names that table, all counts change at once.
 *
 * <ul>
 *   <li>I1. (R10) Nothing is written to a cluster that the image counts: what is handed out was
 *       free before, and is handed out once, from the lowest on. So until the header names the
 *       table the image is as it was, and what was written is free.
 *   <li>I2. Memory is bounded: {@link #CACHE_BYTES} of blocks, the table, a bit for each cluster.
 *   <li>I3. A block's new place, and its old one, are counted in the copy too: in a queue, since
 *       that may give other blocks a new place, each of them once.
 * </ul>
 *
 * <p>Threads: one.
 */
final class RefcountCopy {
  private static final int CACHE_BYTES = 16 << 20;
  private static final int LEAST_BLOCKS = 4;

  /** A cluster whose count is still to change because a block has moved. */
  private record Recount(long cluster, int by) {}

  private final String imageName;
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final RefcountWidth width;
  private final OverlapCheck overlaps;
  private final Corruption corruption;
  private final TableLocation oldTable;
  private final StoredRefcounts old;
  private final BitSet moved = new BitSet();
  private final BitSet placed = new BitSet();
  private final BitSet freed = new BitSet();
  private final Deque<Recount> uncounted = new ArrayDeque<>();
  private final int maximumBlocks;
  private final LinkedHashMap<Integer, RefcountBlock> blocks = new LinkedHashMap<>(16, 0.75f, true);
  private long[] table;
  private RefcountBlock last;
  private long nextCluster = 1;

  /**
   * @param oldTable the refcount table that the header names
   */
  RefcountCopy(
      String imageName,
      ImageFile file,
      ClusterGeometry geometry,
      TableLocation oldTable,
      OverlapCheck overlaps,
      Corruption corruption)
      throws IOException {
    this.imageName = imageName;
    this.file = file;
    this.geometry = geometry;
    this.width = new RefcountWidth(geometry.refcountOrder());
    this.overlaps = overlaps;
    this.corruption = corruption;
    this.oldTable = oldTable;
    this.old = new StoredRefcounts(file, geometry, oldTable);
    this.maximumBlocks = Math.max(LEAST_BLOCKS, CACHE_BYTES >> geometry.clusterBits());
    int end = old.tableEntryCount();
    while (end > 0 && old.tableEntry(end - 1) == 0) {
      end--;
    }
    this.table = new long[end];
    Arrays.setAll(table, old::tableEntry);
  }

  /** A cluster's refcount as it is to be, as an unsigned number. */
  long get(long cluster) throws IOException {
    long tableIndex = geometry.refcountTableIndex(cluster);
    if (!exists(tableIndex)) {
      return 0;
    }
    return block((int) tableIndex).get(geometry.refcountBlockIndex(cluster));
  }

  /**
   * Counts another reference to each of these clusters.
   *
   * @throws BlockIoException with EINVAL if there are as many as can be counted
   * @throws CorruptImageException if there was none
   */
  void raise(long firstCluster, long clusterCount) throws IOException {
    for (long cluster = firstCluster; cluster < firstCluster + clusterCount; cluster++) {
      RefcountBlock block = countingBlock(cluster);
      int index = geometry.refcountBlockIndex(cluster);
      long count = block.get(index);
      if (count == 0) {
        throw unusedCluster(cluster);
      }
      if (count == geometry.maximumRefcount()) {
        throw new BlockIoException(
            imageName,
            "count another reference to the cluster at offset %#x"
                .formatted(geometry.clusterOffset(cluster)),
            Errno.EINVAL);
      }
      block.set(index, count + 1);
      countMoved();
    }
  }

  /**
   * Counts one reference less to each of these clusters.
   *
   * @throws CorruptImageException if there was none
   */
  void lower(long firstCluster, long clusterCount) throws IOException {
    for (long cluster = firstCluster; cluster < firstCluster + clusterCount; cluster++) {
      RefcountBlock block = countingBlock(cluster);
      int index = geometry.refcountBlockIndex(cluster);
      long count = block.get(index);
      if (count == 0) {
        throw unusedCluster(cluster);
      }
      block.set(index, count - 1);
      if (count == 1 && cluster < Integer.MAX_VALUE) {
        freed.set((int) cluster);
      }
      countMoved();
    }
  }

  /** Takes clusters side by side that are free in the image, and counts a reference to each. */
  long allocate(long clusterCount) throws IOException {
    long first = findFree(clusterCount);
    for (long cluster = first; cluster < first + clusterCount; cluster++) {
      movedBlock(cluster).set(geometry.refcountBlockIndex(cluster), 1);
      countMoved();
    }
    return first;
  }

  /** The clusters that {@link #lower} has left without a reference. */
  BitSet freed() {
    return freed;
  }

  /**
   * Writes the copy; nothing may be changed afterwards. Not durable before the file's next flush.
   *
   * @return where the table lies, for the header
   */
  TableLocation write() throws IOException {
    BitSet freedByOthers = (BitSet) freed.clone();
    lower(geometry.clusterIndex(oldTable.offset()), oldTable.count());
    freed.and(freedByOthers);
    placeBlocks();
    int clusterCount = tableClusterCount();
    long first = allocate(clusterCount);
    placeBlocks();
    while (tableClusterCount() > clusterCount) {
      for (long cluster = first; cluster < first + clusterCount; cluster++) {
        movedBlock(cluster).set(geometry.refcountBlockIndex(cluster), 0);
      }
      clusterCount = tableClusterCount();
      first = allocate(clusterCount);
      placeBlocks();
    }
    for (RefcountBlock block : blocks.values()) {
      write(block);
    }
    ByteBuffer bytes = ByteBuffer.allocate(clusterCount << geometry.clusterBits());
    bytes.asLongBuffer().put(table);
    file.write(geometry.clusterOffset(first), bytes);
    return new TableLocation(geometry.clusterOffset(first), clusterCount);
  }

  private int tableClusterCount() {
    long needed = geometry.clusterCount((long) table.length * ClusterGeometry.TABLE_ENTRY_BYTES);
    return (int) Math.max(needed, oldTable.count());
  }

  private long findFree(long clusterCount) throws IOException {
    long first = nextCluster;
    for (long cluster = first; cluster < first + clusterCount; cluster++) {
      if (!free(cluster)) {
        first = cluster + 1;
      }
    }
    nextCluster = first + clusterCount;
    return first;
  }

  /** Whether nobody uses the cluster in the image as it is (I1). */
  private boolean free(long cluster) throws IOException {
    if (!old.readable(cluster)) {
      throw unaligned(geometry.refcountTableIndex(cluster));
    }
    return old.get(cluster) == 0 && overlaps.clear(cluster, 1);
  }

  /** The block of a cluster that is in use, ready to be changed. */
  private RefcountBlock countingBlock(long cluster) throws IOException {
    long tableIndex = geometry.refcountTableIndex(cluster);
    if (!exists(tableIndex)) {
      throw unusedCluster(cluster);
    }
    return movedBlock(cluster);
  }

  private boolean exists(long tableIndex) {
    return tableIndex < table.length
        && (table[(int) tableIndex] != 0 || moved.get((int) tableIndex));
  }

  private RefcountBlock movedBlock(long cluster) throws IOException {
    long tableIndex = geometry.refcountTableIndex(cluster);
    if (tableIndex >= HeaderRules.MAXIMUM_REFCOUNT_TABLE_BYTES / Long.BYTES) {
      throw new BlockIoException(imageName, "grow the refcount table", Errno.EFBIG);
    }
    int index = (int) tableIndex;
    return moved.get(index) ? block(index) : move(index);
  }

  /** Lets a block be changed; where it goes is found when it is written. */
  private RefcountBlock move(int index) throws IOException {
    if (index >= table.length) {
      table = Arrays.copyOf(table, index + 1);
    }
    ByteBuffer bytes = ByteBuffer.allocate(geometry.clusterBytes());
    if (table[index] != 0) {
      long oldOffset = blockOffset(index);
      bytes = file.read(oldOffset, geometry.clusterBytes());
      uncounted.add(new Recount(geometry.clusterIndex(oldOffset), -1));
    }
    moved.set(index);
    RefcountBlock block = new RefcountBlock(index, 0, width, bytes);
    block.markDirty();
    keep(block);
    return block;
  }

  /** Gives each block that has moved a place, and counts it. */
  private void placeBlocks() throws IOException {
    while (moved.cardinality() > placed.cardinality()) {
      for (int index = moved.nextSetBit(0); index >= 0; index = moved.nextSetBit(index + 1)) {
        place(index);
        countMoved();
      }
    }
  }

  private void place(int index) throws IOException {
    if (!placed.get(index)) {
      long cluster = findFree(1);
      uncounted.add(new Recount(cluster, 1));
      table[index] = geometry.clusterOffset(cluster);
      placed.set(index);
    }
  }

  /** Counts the places of the blocks that have moved (I3). */
  private void countMoved() throws IOException {
    while (!uncounted.isEmpty()) {
      Recount next = uncounted.remove();
      RefcountBlock block = movedBlock(next.cluster());
      int index = geometry.refcountBlockIndex(next.cluster());
      if (next.by() < 0 && block.get(index) == 0) {
        throw unusedCluster(next.cluster());
      }
      block.set(index, block.get(index) + next.by());
    }
  }

  private RefcountBlock block(int index) throws IOException {
    if (last != null && last.tableIndex() == index) {
      return last;
    }
    RefcountBlock cached = blocks.get(index);
    if (cached == null) {
      ByteBuffer bytes = file.read(blockOffset(index), geometry.clusterBytes());
      cached = new RefcountBlock(index, 0, width, bytes);
      keep(cached);
    }
    last = cached;
    return cached;
  }

  private void keep(RefcountBlock block) throws IOException {
    blocks.put((int) block.tableIndex(), block);
    last = block;
    if (blocks.size() > maximumBlocks) {
      Map.Entry<Integer, RefcountBlock> eldest = blocks.firstEntry();
      write(eldest.getValue());
      blocks.remove(eldest.getKey());
    }
  }

  private void write(RefcountBlock block) throws IOException {
    if (block.dirty()) {
      int index = (int) block.tableIndex();
      place(index);
      file.write(table[index] + block.dirtyOffset(), block.dirtyBytes());
      block.markClean();
    }
  }

  private long blockOffset(int index) throws IOException {
    long offset = RefcountTable.blockOffset(table[index]);
    if (!geometry.aligned(offset)) {
      throw unaligned(index);
    }
    return offset;
  }

  private CorruptImageException unaligned(long tableIndex) {
    return corruption.fatal(
        "Refblock offset %#x unaligned (reftable index: %s)"
            .formatted(
                RefcountTable.blockOffset(table[(int) tableIndex]), Corruption.hex(tableIndex)));
  }

  /** The failure where a cluster is in use that has no refcount; in QEMU's codes if it has any. */
  private BlockException unusedCluster(long cluster) {
    long offset = geometry.clusterOffset(cluster);
    long tableIndex = geometry.refcountTableIndex(cluster);
    if (exists(tableIndex)) {
      return new CorruptImageException(
          imageName, "Cluster at offset %#x is in use and has no refcount".formatted(offset));
    }
    boolean countable = tableIndex < HeaderRules.MAXIMUM_REFCOUNT_TABLE_BYTES / Long.BYTES;
    return new BlockIoException(
        imageName,
        "count references to the cluster at offset %#x".formatted(offset),
        countable ? Errno.EAGAIN : Errno.EFBIG);
  }
}
