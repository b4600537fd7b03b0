package dev.platter.qcow2;

import java.io.IOException;

/**
 * Gives the host back the space of clusters that stay with their guest range, as zeros ({@code
 * discard-no-unref}).
 *
 * <ul>
 *   <li><b>I1</b> It is done by the request that lets the range go, which has the range to itself:
 *       so no later write into the cluster can be punched.
 *   <li><b>I2</b> It needs no barrier: whether the entry is durable or not, the range reads as its
 *       old contents or as zeros, and never as another's, since nobody else gets the cluster.
 *   <li><b>I3</b> A cluster that an internal snapshot shares keeps its contents.
 * </ul>
 *
 * <p>Threads: any number, for ranges apart.
 */
final class KeptClusters {
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final OverlapCheck overlaps;

  KeptClusters(ImageFile file, ClusterGeometry geometry, OverlapCheck overlaps) {
    this.file = file;
    this.geometry = geometry;
    this.overlaps = overlaps;
  }

  /**
   * Punches the clusters of a range that have just become zeros.
   *
   * @param before the range's slice as it was
   * @param entries what the range's entries are now
   */
  void empty(SliceRange range, L2Slice before, long[] entries) throws IOException {
    int from = 0;
    while (from < entries.length) {
      if (!emptied(before.entry(range.index() + from), entries[from])) {
        from++;
        continue;
      }
      long offset = L2Entry.clusterOffset(entries[from]);
      int to = from + 1;
      while (to < entries.length
          && emptied(before.entry(range.index() + to), entries[to])
          && L2Entry.clusterOffset(entries[to]) == offset + geometry.clusterOffset(to - from)) {
        to++;
      }
      punch(offset, to - from);
      from = to;
    }
  }

  private static boolean emptied(long before, long entry) {
    return entry != before
        && L2Entry.kind(entry) == L2Entry.Kind.ZERO_ALLOCATED
        && L2Entry.copied(entry); // I3
  }

  private void punch(long offset, int clusterCount) throws IOException {
    long end = Math.min(offset + geometry.clusterOffset(clusterCount), file.node().size());
    if (offset >= end || !overlaps.clear(geometry.clusterIndex(offset), clusterCount)) {
      return;
    }
    try {
      file.node().discard(offset, end - offset);
    } catch (IOException e) {
      // The host keeps the space; the range reads as zeros all the same.
      return;
    }
  }
}
