package dev.platter.qcow2;

import dev.platter.api.HostBacked;
import java.io.IOException;

/**
 * Whether clusters of an image look as if they were reserved ahead of being written: whether its
 * refcounts count clearly more clusters than its file occupies on the host. QEMU judges by the same
 * figures, so that both describe an image alike.
 *
 * <p>It is an estimate, from the refcounts as the file has them: what follows from it is only
 * whether the file is asked for its holes, and its answers are true in any case.
 *
 * <p>Threads: any number.
 */
final class ReservedClusters {
  private final ImageFile file;
  private final HeaderOnDisk header;
  private boolean judged;
  private boolean found;

  ReservedClusters(ImageFile file, HeaderOnDisk header) {
    this.file = file;
    this.header = header;
  }

  /** Whether there are any; judged once, when it is first asked. */
  synchronized boolean found() throws IOException {
    if (!judged) {
      found = file.node() instanceof HostBacked host && judge(host.allocatedBytes());
      judged = true;
    }
    return found;
  }

  private boolean judge(long allocatedBytes) throws IOException {
    ClusterGeometry geometry = header.current().geometry();
    StoredRefcounts refcounts =
        new StoredRefcounts(file, geometry, header.current().refcountTable());
    long occupied = allocatedBytes / geometry.clusterBytes();
    long threshold = Math.max(occupied + occupied / 9, occupied + 2);
    long fileClusters = geometry.clusterCount(file.node().size());
    long counted = 0;
    long blocks = 0;
    for (int index = 0; index < refcounts.tableEntryCount() && counted < threshold; index++) {
      long first = (long) index << geometry.refcountBlockBits();
      if (first >= fileClusters) {
        break;
      }
      if (refcounts.stored(first) && refcounts.readable(first)) {
        // Each block is a cluster of its own: no more of them are read than clusters can count.
        blocks++;
        long end = Math.min(fileClusters, first + geometry.refcountBlockEntryCount());
        counted = blocks >= threshold ? blocks : countFrom(first, end, refcounts, counted);
      }
    }
    return counted >= threshold;
  }

  private static long countFrom(long first, long end, StoredRefcounts refcounts, long counted)
      throws IOException {
    long sum = counted;
    for (long cluster = first; cluster < end; cluster++) {
      sum += refcounts.get(cluster) == 0 ? 0 : 1;
    }
    return sum;
  }
}
