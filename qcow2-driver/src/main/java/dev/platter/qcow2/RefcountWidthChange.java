package dev.platter.qcow2;

import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;

/**
 * Writes an image's refcounts anew in another width, behind everything that its file holds; those
 * that the image has stay as they are, and are free once the header names the new ones.
 *
 * <p>What the refcounts say is taken over as it is, right or wrong. Threads: one.
 */
final class RefcountWidthChange implements RefcountAppender.Counts {
  private final String imageName;
  private final ImageFile file;
  private final ClusterGeometry target;
  private final StoredRefcounts stored;
  private final ClusterSet oldStructures = new ClusterSet();
  private final long endCluster;

  RefcountWidthChange(String imageName, ImageFile file, Qcow2Header header, int refcountOrder)
      throws IOException {
    this.imageName = imageName;
    this.file = file;
    ClusterGeometry source = header.geometry();
    this.target = header.withRefcountOrder(refcountOrder).geometry();
    this.stored = new StoredRefcounts(file, source, header.refcountTable());
    // One more: the last cluster may be referred to although nothing of it is in the file.
    this.endCluster = source.clusterCount(file.node().size()) + 1;
    long tableCluster = source.clusterIndex(header.refcountTable().offset());
    for (int i = 0; i < header.refcountTable().count(); i++) {
      oldStructures.add(tableCluster + i);
    }
    for (int i = 0; i < stored.tableEntryCount(); i++) {
      long offset = stored.tableEntry(i) & StoredRefcounts.OFFSET_MASK;
      if (offset != 0) {
        oldStructures.add(source.clusterIndex(offset));
      }
    }
  }

  /**
   * Writes the structures; they are not durable yet.
   *
   * @return where the table lies, for the header
   * @throws UnsupportedFeatureException if a refcount does not fit; nothing has been written then
   */
  TableLocation write() throws IOException {
    for (long cluster = next(0); cluster < endCluster; cluster = next(cluster + 1)) {
      long refcount = get(cluster);
      if (Long.compareUnsigned(refcount, target.maximumRefcount()) > 0) {
        throw new UnsupportedFeatureException(
            ("Cannot decrease refcount entry width to %d bits: Cluster at offset %#x has a refcount"
                    + " of %s")
                .formatted(
                    target.refcountBits(),
                    target.clusterOffset(cluster),
                    Long.toUnsignedString(refcount)));
      }
    }
    return new RefcountAppender(imageName, file, target, endCluster).write(this);
  }

  @Override
  public long get(long cluster) throws IOException {
    long refcount = stored.get(cluster);
    return refcount != 0 && oldStructures.contains(cluster) ? refcount - 1 : refcount;
  }

  @Override
  public long next(long cluster) {
    return stored.nextStored(cluster);
  }
}
