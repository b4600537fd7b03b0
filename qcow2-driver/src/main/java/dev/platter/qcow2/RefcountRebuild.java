package dev.platter.qcow2;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes new refcount structures for an image whose own are lost, behind everything that the file
 * holds: first the blocks, then the table. Blocks that would count nothing are left out. The header
 * is left to the caller.
 *
 * <p>Threads: one.
 */
final class RefcountRebuild {
  /** Counts references without those to the old refcount structures, window by window. */
  @FunctionalInterface
  interface Windows {
    ReferenceCounts from(long firstCluster) throws IOException;
  }

  private final String imageName;
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final RefcountWidth width;
  private final long oldEndCluster;
  private final Windows windows;
  private final List<Long> blockOffsets = new ArrayList<>();
  private long nextCluster;

  /**
   * @param endCluster where the old clusters end, and the last window, and the new structures begin
   */
  RefcountRebuild(
      String imageName,
      ImageFile file,
      ClusterGeometry geometry,
      long endCluster,
      Windows windows) {
    this.imageName = imageName;
    this.file = file;
    this.geometry = geometry;
    this.width = new RefcountWidth(geometry.refcountOrder());
    this.oldEndCluster = endCluster;
    this.windows = windows;
    this.nextCluster = oldEndCluster;
  }

  /**
   * Writes the structures; they are not durable yet.
   *
   * @return where the table lies, for the header
   * @throws BlockIoException with EFBIG if the table would be longer than a header can say
   */
  TableLocation write() throws IOException {
    long boundaryIndex = geometry.refcountTableIndex(oldEndCluster);
    ReferenceCounts counts = windows.from(0);
    for (long index = 0; index < boundaryIndex; index++) {
      long firstCluster = index << geometry.refcountBlockBits();
      counts = windowOf(counts, firstCluster);
      appendBlock(blockOf(counts, firstCluster));
    }
    counts = windowOf(counts, boundaryIndex << geometry.refcountBlockBits());
    return appendTail(counts, boundaryIndex);
  }

  /** Windows end where blocks do, but for the last. */
  private ReferenceCounts windowOf(ReferenceCounts counts, long cluster) throws IOException {
    return counts.covers(cluster) || cluster >= oldEndCluster ? counts : windows.from(cluster);
  }

  /** The blocks that count the new structures themselves, and the table. */
  private TableLocation appendTail(ReferenceCounts counts, long boundaryIndex) throws IOException {
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
      throw new BlockIoException(imageName, "rebuild refcount structure", Errno.EFBIG);
    }
    for (long index = boundaryIndex; index < boundaryIndex + blocks; index++) {
      long firstCluster = index << geometry.refcountBlockBits();
      ByteBuffer block = blockOf(counts, firstCluster);
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

  private ByteBuffer blockOf(ReferenceCounts counts, long firstCluster) {
    ByteBuffer block = ByteBuffer.allocate(geometry.clusterBytes());
    long end = Math.min(counts.endCluster(), firstCluster + geometry.refcountBlockEntryCount());
    for (long cluster = firstCluster; cluster < end; cluster++) {
      width.set(block, geometry.refcountBlockIndex(cluster), counts.get(cluster));
    }
    return block;
  }

  private static boolean isZero(ByteBuffer block) {
    return block.mismatch(ByteBuffer.allocate(block.capacity())) < 0;
  }
}
