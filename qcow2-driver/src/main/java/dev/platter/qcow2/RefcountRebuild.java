package dev.platter.qcow2;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes new refcount structures for an image whose own are lost, behind everything that the file
 * holds: first the blocks, then the table. Blocks that would count nothing are left out. The header
 * is left to the caller.
 *
 * <p>Threads: one.
 */
final class RefcountRebuild {
  private final String imageName;
  private final ImageFile file;
  private final Qcow2Header header;
  private final Optional<SnapshotTable> snapshots;
  private final CheckTally tally;
  private final int windowClusters;
  private final ClusterGeometry geometry;
  private final RefcountWidth width;
  private final long fileBytes;
  private final long oldEndCluster;
  private final List<Long> blockOffsets = new ArrayList<>();
  private long nextCluster;

  /**
   * @param header what leads to everything that is to be counted; its refcount table is not
   * @param snapshots the snapshot table, if there is one
   * @param tally takes what is wrong with the words that are met
   * @param windowClusters how many clusters are counted at once; a multiple of those that a
   *     refcount block counts
   */
  RefcountRebuild(
      String imageName,
      ImageFile file,
      Qcow2Header header,
      Optional<SnapshotTable> snapshots,
      CheckTally tally,
      int windowClusters) {
    this.imageName = imageName;
    this.windowClusters = windowClusters;
    this.file = file;
    this.header = header;
    this.snapshots = snapshots;
    this.tally = tally;
    this.geometry = header.geometry();
    this.width = new RefcountWidth(geometry.refcountOrder());
    this.fileBytes = file.node().size();
    // One more: the last cluster may be referred to although nothing of it is in the file.
    this.oldEndCluster = geometry.clusterCount(fileBytes) + 1;
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
    if (boundaryIndex * ClusterGeometry.TABLE_ENTRY_BYTES
        > HeaderRules.MAXIMUM_REFCOUNT_TABLE_BYTES) {
      throw new BlockIoException(imageName, "rebuild refcount structure", Errno.EFBIG);
    }
    ReferenceCounts counts = count(0);
    for (long index = 0; index < boundaryIndex; index++) {
      long firstCluster = index << geometry.refcountBlockBits();
      counts = windowOf(counts, firstCluster);
      appendBlock(blockOf(counts, firstCluster));
    }
    counts = windowOf(counts, boundaryIndex << geometry.refcountBlockBits());
    return appendTail(counts, boundaryIndex);
  }

  /** Counts the references to the clusters of one window. */
  private ReferenceCounts count(long firstCluster) throws IOException {
    int clusters = (int) Math.min(oldEndCluster - firstCluster, windowClusters);
    CheckTally walkTally = firstCluster == 0 ? tally : CheckTally.silent();
    ReferenceCounts counts =
        new ReferenceCounts(tally, geometry, fileBytes, firstCluster, clusters);
    new ReferenceWalk(imageName, file, header, snapshots, walkTally, counts, Optional.empty())
        .countContents();
    return counts;
  }

  /** Windows end where blocks do, but for the last. */
  private ReferenceCounts windowOf(ReferenceCounts counts, long cluster) throws IOException {
    return counts.covers(cluster) || cluster >= oldEndCluster ? counts : count(cluster);
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
