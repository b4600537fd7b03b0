package dev.platter.qcow2;

import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.CachedFormat.CacheStats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The cached refcount blocks, in order of use.
 *
 * <p>A dirty block may be written at any moment, and alone: the counts in memory are never lower
 * than what any pointer needs that is in the image or on its way there (see {@link Quarantine}).
 *
 * <p>Threads: under the metadata lock; what {@link #takeDirty} gives is written outside of it.
 */
final class RefcountCache {
  /**
   * What is dirty of a block, on its way to the file.
   *
   * @param bytes a copy of their own, all remaining
   */
  record DirtyPart(RefcountBlock block, long hostOffset, ByteBuffer bytes) {}

  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final RefcountWidth width;
  private final long capacityBytes;
  private final CacheBudget.Share share;
  private final LinkedHashMap<Long, RefcountBlock> blocks = new LinkedHashMap<>(16, 0.75f, true);

  private long hits;
  private long misses;
  private long evictions;
  private long writeBacks;
  private long cleaned;

  /**
   * @param capacityBytes the most that the blocks may take; at least two clusters, so that there is
   *     one to evict while another is being written
   * @param share of which the blocks are taken; two clusters can always be had
   */
  RefcountCache(
      ImageFile file, ClusterGeometry geometry, long capacityBytes, CacheBudget.Share share) {
    if (capacityBytes < 2L * geometry.clusterBytes()) {
      throw new IllegalArgumentException("a refcount cache of %d bytes".formatted(capacityBytes));
    }
    this.file = file;
    this.geometry = geometry;
    this.width = new RefcountWidth(geometry.refcountOrder());
    this.capacityBytes = capacityBytes;
    this.share = share;
  }

  /** The block with this index, which lies at this offset. */
  RefcountBlock get(long tableIndex, long hostOffset) throws IOException {
    RefcountBlock cached = blocks.get(tableIndex);
    if (cached != null) {
      hits++;
      cached.touch();
      return cached;
    }
    misses++;
    file.announce("refblock_load");
    ByteBuffer bytes = file.read(hostOffset, geometry.clusterBytes());
    RefcountBlock loaded = new RefcountBlock(tableIndex, hostOffset, width, bytes);
    makeRoom();
    blocks.put(tableIndex, loaded);
    return loaded;
  }

  /**
   * Takes in a new block in which everything is free; it is dirty. If the same was done before and
   * no table names the block yet, it is that one.
   */
  RefcountBlock create(long tableIndex, long hostOffset) throws IOException {
    RefcountBlock earlier = blocks.get(tableIndex);
    if (earlier != null) {
      return earlier;
    }
    makeRoom();
    ByteBuffer bytes = ByteBuffer.allocate(geometry.clusterBytes());
    RefcountBlock created = new RefcountBlock(tableIndex, hostOffset, width, bytes);
    created.markDirty();
    blocks.put(tableIndex, created);
    return created;
  }

  /** Forgets a block from {@link #create} that no table names; none of its counts are needed. */
  void discard(long tableIndex) {
    if (blocks.remove(tableIndex) != null) {
      share.give(geometry.clusterBytes());
    }
  }

  /** Indexes of the dirty blocks. */
  List<Long> dirtyIndexes() {
    List<Long> indexes = new ArrayList<>();
    for (RefcountBlock block : blocks.values()) {
      if (block.dirty()) {
        indexes.add(block.tableIndex());
      }
    }
    return indexes;
  }

  /**
   * Takes a dirty block to be written by one thread outside the lock; it stays until {@link
   * #written}. At most one block is on its way at a time. If this fails, the block is dirty as it
   * was.
   *
   * @return the write to do; empty if the block has been written meanwhile
   */
  Optional<DirtyPart> takeDirty(long tableIndex) {
    for (RefcountBlock block : blocks.values()) {
      if (block.tableIndex() == tableIndex && block.dirty()) {
        Optional<DirtyPart> part =
            Optional.of(new DirtyPart(block, block.dirtyOffset(), block.dirtyBytes()));
        block.markClean();
        block.writing(true);
        return part;
      }
    }
    return Optional.empty();
  }

  /**
   * Says that the block from {@link #takeDirty} was written, or that it is dirty again. Allocates
   * nothing.
   */
  void written(RefcountBlock block, boolean success) {
    block.writing(false);
    if (success) {
      writeBacks++;
    } else {
      block.markDirty();
    }
  }

  /** Drops what was not used since the last call; never what is dirty. */
  void clean() {
    Iterator<RefcountBlock> all = blocks.values().iterator();
    while (all.hasNext()) {
      RefcountBlock block = all.next();
      if (!block.takeUsed() && !block.dirty() && !block.writing()) {
        all.remove();
        share.give(geometry.clusterBytes());
        cleaned++;
      }
    }
  }

  /** The counters as they are now. */
  CacheStats stats() {
    return new CacheStats(
        "refcount",
        capacityBytes,
        (long) blocks.size() * geometry.clusterBytes(),
        geometry.clusterBytes(),
        blocks.size(),
        dirtyIndexes().size(),
        hits,
        misses,
        evictions,
        writeBacks,
        cleaned,
        blocks.size() * geometry.refcountBlockCoverageBytes());
  }

  private void makeRoom() throws IOException {
    while ((blocks.size() + 1L) * geometry.clusterBytes() > capacityBytes) {
      evictEldest();
    }
    while (!share.take(geometry.clusterBytes())) {
      evictEldest();
    }
  }

  private void evictEldest() throws IOException {
    for (Map.Entry<Long, RefcountBlock> entry : blocks.entrySet()) {
      RefcountBlock block = entry.getValue();
      if (block.writing()) {
        continue;
      }
      if (block.dirty()) {
        file.announce("refblock_update_part");
        file.write(block.dirtyOffset(), block.dirtyBytes());
        block.markClean();
        writeBacks++;
      }
      blocks.remove(entry.getKey());
      share.give(geometry.clusterBytes());
      evictions++;
      return;
    }
    throw new IllegalStateException("all refcount blocks are being written");
  }
}
