package dev.platter.qcow2;

/**
 * Subclusters that follow each other, are of one kind and, where they have a place on the host,
 * follow each other there too.
 *
 * @param kind what they are
 * @param entry the first word of the first one's entry
 * @param first the first one's index in its cluster
 * @param count how many there are, at least 1; in one cluster if it is compressed
 */
record SubclusterRun(Subclusters.Kind kind, long entry, int first, long count) {

  /**
   * The run that begins in a cluster whose words are valid.
   *
   * @param index of the cluster's entry
   * @param first index of the first subcluster
   * @param maximumClusters at most so many clusters, at least 1; they end within the slice
   * @param dataFile whether guest data lies in an external file
   */
  static SubclusterRun at(
      L2Slice slice, int index, int first, int maximumClusters, boolean dataFile) {
    long entry = slice.entry(index);
    long bitmap = slice.bitmap(index);
    Subclusters.Kind kind = Subclusters.kind(entry, bitmap, first, dataFile);
    if (kind == Subclusters.Kind.COMPRESSED) {
      return new SubclusterRun(kind, entry, first, Subclusters.COUNT - first);
    }
    long count = Subclusters.run(bitmap, first);
    int last = index;
    while (first + count == (last - index + 1L) << Subclusters.COUNT_BITS
        && last - index + 1 < maximumClusters
        && continues(slice, last, kind, dataFile)) {
      last++;
      count += Subclusters.run(slice.bitmap(last), 0);
    }
    return new SubclusterRun(kind, entry, first, count);
  }

  /** How many clusters the run touches. */
  int clusterCount() {
    return (int) Math.ceilDiv(first + count, Subclusters.COUNT);
  }

  private static boolean continues(
      L2Slice slice, int last, Subclusters.Kind kind, boolean dataFile) {
    long next = slice.entry(last + 1);
    long bitmap = slice.bitmap(last + 1);
    return L2Entry.follows(slice.entry(last), next, slice.clusterBits())
        && Subclusters.valid(next, bitmap, dataFile)
        && Subclusters.kind(next, bitmap, 0, dataFile) == kind;
  }
}
