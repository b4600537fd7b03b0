package dev.platter.qcow2;

import dev.platter.api.Preallocation;
import dev.platter.api.Ranges;
import dev.platter.api.driver.CompressingFormat.CompressedSpace;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Reserves room for compressed clusters, links them, and takes room back.
 *
 * <p>What {@link ImageWriter} promises holds here as well. Threads: any number, for clusters apart.
 */
final class CompressedClusterWriter {
  private static final String PURPOSE = "compressed cluster";

  private final String imageName;
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final ImageWriter writer;
  private final ClusterMap clusterMap;
  private final L2Cache l2Cache;
  private final L2Tables l2Tables;
  private final EntryChanges entryChanges;
  private final ReentrantLock metadataLock;
  private final CompressedPacking packing;
  private volatile boolean packed;

  /**
   * @param writer reserves clusters
   */
  CompressedClusterWriter(
      String imageName,
      ImageFile file,
      ClusterGeometry geometry,
      ImageWriter writer,
      ClusterMap clusterMap,
      L2Cache l2Cache,
      L2Tables l2Tables,
      EntryChanges entryChanges,
      ReentrantLock metadataLock,
      CompressedPacking packing) {
    this.imageName = imageName;
    this.file = file;
    this.geometry = geometry;
    this.writer = writer;
    this.clusterMap = clusterMap;
    this.l2Cache = l2Cache;
    this.l2Tables = l2Tables;
    this.entryChanges = entryChanges;
    this.metadataLock = metadataLock;
    this.packing = packing;
  }

  /**
   * Reserves room for a compressed cluster, as {@link
   * dev.platter.api.driver.CompressingFormat#allocateCompressed}.
   */
  CompressedSpace allocate(long guestOffset, int byteCount) throws IOException {
    SliceRange range = SliceRange.first(geometry, l2Cache, guestOffset, 1);
    long entry = l2Cache.slice(range.l1Index(), range.sliceIndex()).entry(range.index());
    switch (clusterMap.kind(entry, range.l1Index(), range.l2Index())) {
      case UNALLOCATED, ZERO_PLAIN -> {}
      case ZERO_ALLOCATED, NORMAL, COMPRESSED ->
          throw new BlockIoException(
              imageName, "compress a cluster that is allocated already", Errno.EIO);
    }
    l2Tables.own(range.l1Index());
    file.announce("cluster_alloc_bytes");
    packed = true;
    long hostOffset = pack(byteCount);
    CompressedAllocation space =
        new CompressedAllocation(this, range.guestOffset(), hostOffset, byteCount);
    if (hostOffset >>> L2Entry.compressedOffsetBits(geometry.clusterBits()) != 0) {
      space.close();
      throw new BlockIoException(imageName, "allocate a " + PURPOSE, Errno.EFBIG);
    }
    return space;
  }

  /** Points a guest cluster to its compressed bytes. */
  void link(long guestOffset, long hostOffset, int byteCount) throws IOException {
    writer.checkWritable();
    file.announce("l2_update_compressed");
    SliceRange range = SliceRange.first(geometry, l2Cache, guestOffset, 1);
    long entry = L2Entry.compressed(hostOffset, byteCount, geometry.clusterBits());
    long[] words = geometry.extendedL2() ? new long[] {entry, 0} : new long[] {entry};
    entryChanges.replace(range, words, Quarantine.Cause.OTHER);
  }

  /** Frees room that was reserved and not linked. */
  void giveBack(long hostOffset, int byteCount) {
    metadataLock.lock();
    try {
      packing.giveBack(hostOffset, byteCount);
    } catch (IOException e) {
      // It stays counted: a leak, which is all that a failed request may leave behind.
      return;
    } finally {
      metadataLock.unlock();
    }
  }

  /** Lets the file end with a sector where compressed data ends it, as QEMU leaves it. */
  void alignFile() throws IOException {
    long bytes = file.node().size();
    long whole = Ranges.alignUp(bytes, L2Entry.SECTOR_BYTES);
    if (packed && whole != bytes) {
      file.node().resize(whole, Preallocation.OFF);
    }
  }

  private long pack(int byteCount) throws IOException {
    metadataLock.lock();
    try {
      OptionalLong room = packing.append(byteCount);
      if (room.isPresent()) {
        return room.getAsLong();
      }
    } finally {
      metadataLock.unlock();
    }
    ClusterAllocator.Run run = writer.reserve(PURPOSE, 1);
    metadataLock.lock();
    try {
      return packing.append(byteCount, run.firstCluster());
    } finally {
      metadataLock.unlock();
    }
  }
}
