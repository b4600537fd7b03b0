package dev.platter.qcow2;

/**
 * Guest clusters side by side whose entries lie in one slice.
 *
 * @param guestOffset where the first begins
 * @param l1Index the L1 entry above them
 * @param l2Index the first one's index in its L2 table
 * @param sliceIndex the part of the table in which they are
 * @param index the first one's index in that part
 * @param count how many there are, at least 1
 */
record SliceRange(
    long guestOffset, int l1Index, int l2Index, int sliceIndex, int index, int count) {

  /** The clusters at the beginning of a range of bytes, as far as one slice goes. */
  static SliceRange first(ClusterGeometry geometry, L2Cache cache, long offset, long length) {
    int entriesPerSlice = cache.entriesPerSlice();
    int l2Index = geometry.l2Index(offset);
    int index = l2Index & (entriesPerSlice - 1);
    long clusters = geometry.clusterCount(geometry.offsetIntoCluster(offset) + length);
    return new SliceRange(
        geometry.alignDown(offset),
        (int) geometry.l1Index(offset),
        l2Index,
        l2Index / entriesPerSlice,
        index,
        (int) Math.min(clusters, entriesPerSlice - index));
  }

  /** How many guest bytes the clusters are. */
  long bytes(ClusterGeometry geometry) {
    return (long) count << geometry.clusterBits();
  }
}
