package dev.platter.qcow2;

import dev.platter.api.error.BlockIoException;
import java.io.IOException;
import java.util.Optional;

/**
 * Writes new refcount structures for an image whose own are lost, behind everything that the file
 * holds, from the references that there are. The header is left to the caller.
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
  private final long fileBytes;
  private final long oldEndCluster;
  private ReferenceCounts window;

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
    this.fileBytes = file.node().size();
    // One more: the last cluster may be referred to although nothing of it is in the file.
    this.oldEndCluster = geometry.clusterCount(fileBytes) + 1;
  }

  /**
   * Writes the structures; they are not durable yet.
   *
   * @return where the table lies, for the header
   * @throws BlockIoException with EFBIG if the table would be longer than a header can say
   */
  TableLocation write() throws IOException {
    window = count(0);
    return new RefcountAppender(imageName, file, geometry, oldEndCluster).write(this::refcount);
  }

  private long refcount(long cluster) throws IOException {
    if (!window.covers(cluster)) {
      window = count(cluster);
    }
    return window.get(cluster);
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
}
