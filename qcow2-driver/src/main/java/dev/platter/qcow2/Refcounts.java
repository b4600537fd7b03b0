package dev.platter.qcow2;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;

/**
 * The refcounts of all host clusters, and the growth of the structures that keep them.
 *
 * <p>A refcount block that is missing is put into the first cluster that it counts, and so needs
 * nobody else's space. A table that is full moves into the first range that no block counts,
 * together with the blocks for that range. A run that is longer than a block counts cannot lie
 * where blocks are made one by one: it goes there too, with its blocks in front of it.
 *
 * <p>What is new has its space in the file, as zeros, before anything is changed in memory: so a
 * host that is full fails the request that needs it, and not the write-back of what was done (R10).
 * Nothing in the image leads there yet.
 *
 * <p>Threads: under the metadata lock.
 */
final class Refcounts {
  private final String imageName;
  private final ClusterGeometry geometry;
  private final ImageFile file;
  private final RefcountTable table;
  private final RefcountCache cache;
  private final OverlapCheck overlaps;
  private final Quarantine quarantine;
  private final Corruption corruption;

  Refcounts(
      String imageName,
      ClusterGeometry geometry,
      ImageFile file,
      RefcountTable table,
      RefcountCache cache,
      OverlapCheck overlaps,
      Quarantine quarantine,
      Corruption corruption) {
    this.imageName = imageName;
    this.geometry = geometry;
    this.file = file;
    this.table = table;
    this.cache = cache;
    this.overlaps = overlaps;
    this.quarantine = quarantine;
    this.corruption = corruption;
  }

  /** A cluster's refcount, as an unsigned number. */
  long get(long clusterIndex) throws IOException {
    long tableIndex = geometry.refcountTableIndex(clusterIndex);
    long blockOffset = blockOffset(tableIndex);
    if (blockOffset == 0) {
      return 0;
    }
    return cache.get(tableIndex, blockOffset).get(geometry.refcountBlockIndex(clusterIndex));
  }

  /**
   * Raises the refcount of a cluster that is in use by one.
   *
   * @return whether it was raised; false if it is as high as it can be
   */
  boolean raise(long clusterIndex) throws IOException {
    long tableIndex = geometry.refcountTableIndex(clusterIndex);
    RefcountBlock block = cache.get(tableIndex, blockOffset(tableIndex));
    int index = geometry.refcountBlockIndex(clusterIndex);
    long count = block.get(index);
    if (count == block.maximum()) {
      return false;
    }
    block.set(index, count + 1);
    return true;
  }

  /**
   * Lowers a cluster's refcount by one.
   *
   * @return whether the cluster is free now
   * @throws dev.platter.api.error.CorruptImageException if it was free before, or is now and holds
   *     metadata
   */
  boolean lower(long clusterIndex) throws IOException {
    long tableIndex = geometry.refcountTableIndex(clusterIndex);
    long blockOffset = blockOffset(tableIndex);
    int index = geometry.refcountBlockIndex(clusterIndex);
    long count = blockOffset == 0 ? 0 : cache.get(tableIndex, blockOffset).get(index);
    if (count <= 1) { // an L2 table that a snapshot shares is let go of by the active table alone
      overlaps.requireClear(clusterIndex, 1);
    }
    if (count == 0) {
      throw corruption.fatal(
          "Cluster at offset %#x is in use and has no refcount"
              .formatted(geometry.clusterOffset(clusterIndex)));
    }
    cache.get(tableIndex, blockOffset).set(index, count - 1);
    return count == 1;
  }

  /** The block with this index; made, if there is none yet. */
  RefcountBlock block(long tableIndex) throws IOException {
    if (tableIndex >= table.entryCount()) {
      growTable(tableIndex, 0);
    }
    long blockOffset = blockOffset(tableIndex);
    return blockOffset == 0 ? createBlock(tableIndex) : cache.get(tableIndex, blockOffset);
  }

  /** Whether there is a block with this index. */
  boolean hasBlock(long tableIndex) throws IOException {
    return blockOffset(tableIndex) != 0;
  }

  /** The index behind that of the last block. */
  long blockIndexEnd() throws IOException {
    long end = table.entryCount();
    while (end > 0 && RefcountTable.blockOffset(table.entry(end - 1)) == 0) {
      end--;
    }
    return end;
  }

  /**
   * Takes clusters side by side, behind all that blocks count; with the blocks that count them.
   *
   * @param purpose what for, in QEMU's words
   * @param count how many, at least 1
   * @return the first of them; each has a refcount of one
   */
  long takeBehind(String purpose, int count) throws IOException {
    int blocks = Math.ceilDiv(count, geometry.refcountBlockEntryCount() - 1);
    if (blockIndexEnd() + blocks > table.entryCount()) {
      growTable(blockIndexEnd(), blocks);
    }
    long tableIndex = blockIndexEnd();
    long firstCluster = tableIndex << geometry.refcountBlockBits();
    int clusterCount = Math.addExact(blocks, count);
    if (!geometry.addressable(firstCluster + clusterCount)) {
      throw new BlockIoException(imageName, "allocate a " + purpose, Errno.EFBIG);
    }
    overlaps.requireClear(firstCluster, clusterCount);
    file.reserve(geometry.clusterOffset(firstCluster), geometry.clusterOffset(blocks));
    for (int i = 0; i < blocks; i++) {
      file.reserveWord(table.entryOffset(tableIndex + i));
    }
    table.reserve((int) tableIndex + blocks);
    createBlocks(tableIndex, blocks, clusterCount);
    nameBlocks(tableIndex, blocks);
    return firstCluster + blocks;
  }

  private long blockOffset(long tableIndex) throws IOException {
    long offset = RefcountTable.blockOffset(table.entry(tableIndex));
    if (!geometry.aligned(offset)) {
      throw corruption.fatal(
          "Refblock offset %#x unaligned (reftable index: %s)"
              .formatted(offset, Corruption.hex(tableIndex)));
    }
    return offset;
  }

  private RefcountBlock createBlock(long tableIndex) throws IOException {
    long cluster = tableIndex << geometry.refcountBlockBits();
    if (cluster == 0) {
      throw corruption.fatal("Preventing invalid allocation of refcount block at offset 0");
    }
    overlaps.requireClear(cluster, 1);
    file.reserve(geometry.clusterOffset(cluster), geometry.clusterBytes());
    file.reserveWord(table.entryOffset(tableIndex));
    table.reserve((int) tableIndex);
    RefcountBlock block = cache.create(tableIndex, geometry.clusterOffset(cluster));
    block.set(0, 1);
    table.set((int) tableIndex, geometry.clusterOffset(cluster));
    overlaps.add(MetadataKind.REFCOUNT_BLOCK, cluster, 1);
    return block;
  }

  /**
   * Moves the table so that it has an entry, and a block, for {@code tableIndex}.
   *
   * @param further how many entries it has for blocks behind those that it takes itself, at least
   */
  private void growTable(long tableIndex, int further) throws IOException {
    int entriesPerCluster = geometry.clusterBytes() / Long.BYTES;
    int countsPerBlock = geometry.refcountBlockEntryCount();
    long maximum = HeaderRules.MAXIMUM_REFCOUNT_TABLE_BYTES / geometry.clusterBytes();
    long tableClusters =
        Math.min(maximum, table.location().count() + table.location().count() / 2L + 1);
    long blocks = 1;
    while (true) {
      long needed = Math.ceilDiv(tableIndex + blocks + further, entriesPerCluster);
      tableClusters = Math.max(tableClusters, needed);
      long counted = Math.ceilDiv(blocks + tableClusters, countsPerBlock);
      if (counted <= blocks && needed <= tableClusters) {
        break;
      }
      blocks = Math.max(blocks, counted);
    }
    if (tableClusters > maximum) {
      throw new BlockIoException(imageName, "grow the refcount table", Errno.EFBIG);
    }
    moveTable(tableIndex, (int) blocks, (int) tableClusters);
  }

  private void moveTable(long tableIndex, int blocks, int tableClusters) throws IOException {
    long firstCluster = tableIndex << geometry.refcountBlockBits();
    overlaps.requireClear(firstCluster, blocks + tableClusters);
    long neededBytes = geometry.clusterOffset(blocks + tableClusters);
    file.reserve(geometry.clusterOffset(firstCluster), neededBytes);
    quarantine.reserve(1);
    table.reserve((int) tableIndex + blocks);
    createBlocks(tableIndex, blocks, blocks + tableClusters);
    TableLocation old = table.location();
    long tableOffset = geometry.clusterOffset(firstCluster + blocks);
    table.move(new TableLocation(tableOffset, tableClusters));
    nameBlocks(tableIndex, blocks);
    overlaps.add(MetadataKind.REFCOUNT_TABLE, firstCluster + blocks, tableClusters);
    overlaps.remove(MetadataKind.REFCOUNT_TABLE, geometry.clusterIndex(old.offset()), old.count());
    quarantine.add(geometry.clusterIndex(old.offset()), old.count(), Quarantine.Cause.OTHER);
  }

  /**
   * Makes blocks side by side, each in one of the first clusters that they count; or none.
   *
   * @param usedClusters how many clusters from there on are in use, the blocks' own included
   */
  private void createBlocks(long tableIndex, int blocks, int usedClusters) throws IOException {
    long firstCluster = tableIndex << geometry.refcountBlockBits();
    int created = 0;
    try {
      while (created < blocks) {
        long offset = geometry.clusterOffset(firstCluster + created);
        RefcountBlock block = cache.create(tableIndex + created, offset);
        long used = usedClusters - (long) created * block.entryCount();
        for (int index = 0; index < Math.min(used, block.entryCount()); index++) {
          block.set(index, 1);
        }
        created++;
      }
    } finally {
      for (int i = 0; created < blocks && i <= created; i++) {
        cache.discard(tableIndex + i); // where its place differs, another may be made
      }
    }
  }

  private void nameBlocks(long tableIndex, int blocks) throws IOException {
    long firstCluster = tableIndex << geometry.refcountBlockBits();
    for (int i = 0; i < blocks; i++) {
      table.set((int) tableIndex + i, geometry.clusterOffset(firstCluster + i));
    }
    overlaps.add(MetadataKind.REFCOUNT_BLOCK, firstCluster, blocks);
  }
}
