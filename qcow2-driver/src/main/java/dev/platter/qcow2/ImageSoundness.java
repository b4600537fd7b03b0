package dev.platter.qcow2;

import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.util.Optional;

/** Whether an image can be changed as a whole: new tables go behind the end of its file. */
final class ImageSoundness {
  private ImageSoundness() {}

  /**
   * Lets tables be put behind the end of the file by returning: nothing refers to what is there,
   * and no table has words that cannot be right. Refcounts may be wrong.
   *
   * @throws CorruptImageException if that is not so
   */
  static void require(String imageName, ImageFile file, Qcow2Header header) throws IOException {
    require(imageName, file, header, header.geometry());
  }

  /** The same, but a cluster may have more references than the image's refcounts can store. */
  static void requireForWiderRefcounts(String imageName, ImageFile file, Qcow2Header header)
      throws IOException {
    Qcow2Header widest = header.withRefcountOrder(ClusterGeometry.MAXIMUM_REFCOUNT_ORDER);
    require(imageName, file, header, widest.geometry());
  }

  private static void require(
      String imageName, ImageFile file, Qcow2Header header, ClusterGeometry counted)
      throws IOException {
    ClusterGeometry geometry = header.geometry();
    long endCluster = geometry.clusterCount(file.node().size());
    CheckTally tally = CheckTally.silent();
    ReferenceCounts counts =
        new ReferenceCounts(
            tally,
            counted,
            file.node().size(),
            0,
            (int) Math.min(endCluster, ReferenceCounts.WINDOW_CLUSTERS));
    ReferenceWalk walk =
        new ReferenceWalk(
            imageName,
            file,
            header,
            snapshots(imageName, file, header),
            tally,
            counts,
            Optional.empty());
    walk.countContents();
    StoredRefcounts stored = new StoredRefcounts(file, geometry, header.refcountTable());
    boolean beyondMending = walk.countRefcounts(stored, tally, endCluster);
    if (beyondMending || !tally.clean()) {
      throw hasErrors(imageName);
    }
  }

  /** What is said of an image that is not sound. */
  static CorruptImageException hasErrors(String imageName) {
    return new CorruptImageException(
        imageName, "the image has errors; repair it before it is resized or amended");
  }

  /** The image's snapshot table, if it has one. */
  static Optional<SnapshotTable> snapshots(String imageName, ImageFile file, Qcow2Header header)
      throws IOException {
    return header.snapshotTable().count() == 0
        ? Optional.empty()
        : Optional.of(SnapshotTable.read(imageName, file, header));
  }
}
