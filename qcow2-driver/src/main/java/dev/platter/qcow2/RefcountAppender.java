package dev.platter.qcow2;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes new refcount structures behind everything that a file holds: first the blocks, then the
 * table. Blocks that would count nothing are left out. The header is left to the caller.
 *
 * <p>Threads: one.
 */
final class RefcountAppender {
  /** Says what the refcounts of clusters are to be; asked in order, each at most once. */
  @FunctionalInterface
  interface Counts {
    /** The refcount of a cluster before those that are appended. */
    long get(long cluster) throws IOException;

    /** The first cluster from this one on that may have a refcount. */
    default long next(long cluster) {
      return cluster;
    }
  }

  private final String imageName;
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final RefcountWidth width;
  private final long oldEndCluster;
  private final List<Long> blockOffsets = new ArrayList<>();
  private long nextCluster;

  /**
   * @param geometry the clusters, and the width of the new refcounts
   * @param oldEndCluster where the structures begin: nothing refers to what is there
   */
  RefcountAppender(String imageName, ImageFile file, ClusterGeometry geometry, long oldEndCluster) {
    this.imageName = imageName;
    this.file = file;
    this.geometry = geometry;
    this.width = new RefcountWidth(geometry.refcountOrder());
    this.oldEndCluster = oldEndCluster;
    this.nextCluster = oldEndCluster;
  }

  /**
   * Writes the structures; they are not durable yet.
   *
   * @return where the table lies, for the header
   * @throws BlockIoException with EFBIG if the table would be longer than a header can say
   */
  TableLocation write(Counts counts) throws IOException {
    long boundaryIndex = geometry.refcountTableIndex(oldEndCluster);
    if (boundaryIndex * ClusterGeometry.TABLE_ENTRY_BYTES
        > HeaderRules.MAXIMUM_REFCOUNT_TABLE_BYTES) {
      throw tooLong();
    }
    long counted = counts.next(0);
    for (long index = 0; index < boundaryIndex; index++) {
      long end = (index + 1) << geometry.refcountBlockBits();
      if (counted < end) {
        appendBlock(blockOf(counts, index));
        counted = counts.next(end);
      } else {
        blockOffsets.add(0L);
      }
    }
    return appendTail(counts, boundaryIndex);
  }

  /** The blocks that count the new structures themselves, and the table. */
  private TableLocation appendTail(Counts counts, long boundaryIndex) throws IOException {
    long blocks = 1;
    long tableClusters;
    long end;
    while (true) {
      tableClusters =
          geometry.clusterCount((boundaryIndex + blocks) * ClusterGeometry.TABLE_ENTRY_BYTES);
      end = nextCluster + blocks + tableClusters;
      long needed = geometry.refcountTableIndex(end - 1) + 1 - boundaryIndex;
      if (needed <= blocks) {
        break;
      }
      blocks = needed;
    }
    if (geometry.clusterOffset(tableClusters) > HeaderRules.MAXIMUM_REFCOUNT_TABLE_BYTES) {
      throw tooLong();
    }
    for (long index = boundaryIndex; index < boundaryIndex + blocks; index++) {
      ByteBuffer block = blockOf(counts, index);
      long firstCluster = index << geometry.refcountBlockBits();
      for (long cluster = Math.max(firstCluster, oldEndCluster);
          cluster < Math.min(end, firstCluster + geometry.refcountBlockEntryCount());
          cluster++) {
        width.set(block, geometry.refcountBlockIndex(cluster), 1);
      }
      appendBlock(block);
    }
    return appendTable((int) tableClusters);
  }

  private TableLocation appendTable(int tableClusters) throws IOException {
    ByteBuffer table = ByteBuffer.allocate(tableClusters << geometry.clusterBits());
    blockOffsets.forEach(table::putLong);
    long offset = geometry.clusterOffset(nextCluster);
    file.write(offset, table.clear());
    return new TableLocation(offset, tableClusters);
  }

  private void appendBlock(ByteBuffer block) throws IOException {
    if (isZero(block)) {
      blockOffsets.add(0L);
      return;
    }
    long offset = geometry.clusterOffset(nextCluster);
    file.write(offset, block.duplicate().clear());
    blockOffsets.add(offset);
    nextCluster++;
  }

  private ByteBuffer blockOf(Counts counts, long index) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(geometry.clusterBytes());
    long firstCluster = index << geometry.refcountBlockBits();
    long end = Math.min(oldEndCluster, firstCluster + geometry.refcountBlockEntryCount());
    for (long cluster = firstCluster; cluster < end; cluster++) {
      width.set(block, geometry.refcountBlockIndex(cluster), counts.get(cluster));
    }
    return block;
  }

  private BlockIoException tooLong() {
    return new BlockIoException(imageName, "write refcount structures", Errno.EFBIG);
  }

  private static boolean isZero(ByteBuffer block) {
    return block.mismatch(ByteBuffer.allocate(block.capacity())) < 0;
  }
}
