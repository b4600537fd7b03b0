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
   * @param words those of the range's entries as they are now
   */
  void empty(SliceRange range, L2Slice before, long[] words) throws IOException {
    int from = 0;
    while (from < range.count()) {
      if (!emptied(range, before, words, from)) {
        from++;
        continue;
      }
      int wordsPerEntry = before.wordsPerEntry();
      long offset = L2Entry.clusterOffset(words[from * wordsPerEntry]);
      int to = from + 1;
      while (to < range.count()
          && emptied(range, before, words, to)
          && L2Entry.clusterOffset(words[to * wordsPerEntry])
              == offset + geometry.clusterOffset(to - from)) {
        to++;
      }
      punch(offset, to - from);
      from = to;
    }
  }

  private static boolean emptied(SliceRange range, L2Slice before, long[] words, int ordinal) {
    int index = range.index() + ordinal;
    if (before.wordsPerEntry() == SubclusterL2Slice.WORDS) {
      long bitmap = words[SubclusterL2Slice.WORDS * ordinal + 1];
      return bitmap != before.bitmap(index)
          && bitmap == Subclusters.ALL_ZERO
          && Subclusters.owned(words[SubclusterL2Slice.WORDS * ordinal], false); // I3
    }
    long entry = words[ordinal];
    return entry != before.entry(index)
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
