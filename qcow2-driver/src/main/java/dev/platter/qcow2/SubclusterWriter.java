package dev.platter.qcow2;

import dev.platter.api.driver.ReleaseMode;
import java.io.IOException;

/**
 * How images with extended L2 entries are written: which subclusters an allocation fills, and which
 * words take the place of others.
 *
 * <p>Clusters are allocated as wholes, and filled in part: from the first subcluster of a write to
 * its last, and no further unless the cluster that is replaced holds more. A later write to other
 * subclusters of the same cluster finds their places there. In an external data file every cluster
 * has its place, at its guest offset.
 *
 * <ul>
 *   <li><b>I1</b> A cluster that is replaced keeps what it holds: between the first and the last of
 *       its allocated subclusters all are copied, what lies between from wherever it is. Those that
 *       read as zeros or are not allocated stay so without a copy.
 *   <li><b>I2</b> In a cluster of its own, an allocation ends before a subcluster that holds data:
 *       that may be written in place at the same time.
 *   <li><b>I3</b> What fills a place in a cluster of its own is in the file before the bitmap says
 *       so, as with a new cluster: the bitmap changes in memory after the write, and goes to the
 *       file behind the barrier that makes data durable ({@link WriteBack} I3).
 * </ul>
 *
 * <p>Threads: any number, for clusters apart.
 */
final class SubclusterWriter {
  private final ClusterGeometry geometry;
  private final ClusterMap clusterMap;
  private final OverlapCheck overlaps;
  private final ReleaseRules releaseRules;
  private final boolean dataFile;

  /**
   * Which subclusters an allocation fills.
   *
   * @param inPlace whether their host clusters are linked already
   * @param clusterCount how many clusters they touch, at least 1
   * @param first the first one's index in the first cluster
   * @param end the end of the last one, counted from the beginning of the first cluster
   */
  record Span(boolean inPlace, int clusterCount, int first, long end) {

    /** The same in as many clusters as there are. */
    Span cutTo(int clusters) {
      return new Span(
          inPlace, clusters, first, Math.min(end, (long) clusters << Subclusters.COUNT_BITS));
    }
  }

  /**
   * @param dataFile whether guest data lies in an external file, where each cluster has its place
   */
  SubclusterWriter(
      ClusterGeometry geometry,
      ClusterMap clusterMap,
      OverlapCheck overlaps,
      ReleaseRules releaseRules,
      boolean dataFile) {
    this.geometry = geometry;
    this.clusterMap = clusterMap;
    this.overlaps = overlaps;
    this.releaseRules = releaseRules;
    this.dataFile = dataFile;
  }

  /**
   * What is to be filled for a write: in clusters that all have to be allocated, or in clusters
   * side by side that are the image's own.
   *
   * @param range the clusters that the write touches, as far as their slice goes
   * @param guestOffset the first byte to be written, in the first of the clusters
   * @param length how many bytes, in these clusters or beyond them
   */
  Span span(SliceRange range, L2Slice slice, long guestOffset, long length) throws IOException {
    int unitBits = geometry.mappingUnitBits();
    long inCluster = geometry.offsetIntoCluster(guestOffset);
    int first = (int) (inCluster >>> unitBits);
    long end =
        Math.min(
            ((inCluster + length - 1) >>> unitBits) + 1,
            (long) range.count() << Subclusters.COUNT_BITS);
    requireValid(range, slice, 0);
    return Subclusters.owned(slice.entry(range.index()), dataFile)
        ? inPlace(range, slice, guestOffset, first, end)
        : allocated(range, slice, first, end);
  }

  /** The words that link host clusters side by side, in which subclusters have been filled. */
  long[] linked(
      SliceRange range, L2Slice slice, long guestOffset, long length, long firstHostCluster) {
    int first = geometry.offsetIntoCluster(guestOffset) >>> geometry.mappingUnitBits();
    long end = first + (length >>> geometry.mappingUnitBits());
    long[] words = new long[SubclusterL2Slice.WORDS * range.count()];
    for (int i = 0; i < range.count(); i++) {
      long old = slice.entry(range.index() + i);
      long bitmap = Subclusters.compressed(old) ? 0 : slice.bitmap(range.index() + i);
      int from = i == 0 ? first : 0;
      long to = Math.min(end - ((long) i << Subclusters.COUNT_BITS), Subclusters.COUNT);
      words[SubclusterL2Slice.WORDS * i] =
          L2Entry.normal(geometry.clusterOffset(firstHostCluster + i));
      words[SubclusterL2Slice.WORDS * i + 1] = Subclusters.written(bitmap, from, (int) to);
    }
    return words;
  }

  /** The words of clusters that are let go of as wholes. */
  long[] released(SliceRange range, L2Slice slice, ReleaseMode mode) throws IOException {
    long[] words = new long[SubclusterL2Slice.WORDS * range.count()];
    for (int i = 0; i < range.count(); i++) {
      requireValid(range, slice, i);
      long entry = slice.entry(range.index() + i);
      long bitmap = slice.bitmap(range.index() + i);
      boolean unallocated = !Subclusters.compressed(entry) && !Subclusters.hosted(entry, dataFile);
      boolean stays = unallocated && mode == ReleaseMode.DISCARD && !releaseRules.backed();
      boolean keepsCluster = releaseRules.keepsCluster(mode) && !Subclusters.compressed(entry);
      words[SubclusterL2Slice.WORDS * i] = stays || keepsCluster ? entry : 0;
      words[SubclusterL2Slice.WORDS * i + 1] =
          stays ? bitmap : mode == ReleaseMode.TO_BACKING ? 0 : Subclusters.ALL_ZERO;
    }
    return words;
  }

  /**
   * The words of a cluster of which a part turns to zeros; its host cluster stays.
   *
   * @param range the cluster, which is not compressed
   */
  long[] zeroed(SliceRange range, L2Slice slice, long guestOffset, long length) throws IOException {
    requireValid(range, slice, 0);
    int inCluster = geometry.offsetIntoCluster(guestOffset);
    int first = inCluster >>> geometry.mappingUnitBits();
    int end = (int) ((inCluster + length - 1) >>> geometry.mappingUnitBits()) + 1;
    return new long[] {
      slice.entry(range.index()), Subclusters.zeroed(slice.bitmap(range.index()), first, end)
    };
  }

  private Span inPlace(SliceRange range, L2Slice slice, long guestOffset, int first, long end)
      throws IOException {
    if (holdsData(slice, range.index(), first)) {
      long cluster = geometry.clusterIndex(L2Entry.clusterOffset(slice.entry(range.index())));
      overlaps.requireClear(cluster, 1);
      throw new IllegalStateException(
          "allocation for 0x%x, which can be written in place".formatted(guestOffset));
    }
    long subcluster = first + 1L;
    while (subcluster < end) {
      int cluster = (int) (subcluster >>> Subclusters.COUNT_BITS);
      int inCluster = (int) subcluster & (Subclusters.COUNT - 1);
      if (inCluster == 0 && !sideBySide(range, slice, cluster)) {
        break;
      }
      if (holdsData(slice, range.index() + cluster, inCluster)) { // I2
        break;
      }
      subcluster++;
    }
    return new Span(true, (int) Math.ceilDiv(subcluster, Subclusters.COUNT), first, subcluster);
  }

  private boolean sideBySide(SliceRange range, L2Slice slice, int cluster) throws IOException {
    long last = slice.entry(range.index() + cluster - 1);
    long next = slice.entry(range.index() + cluster);
    if (!Subclusters.owned(next, dataFile)
        || L2Entry.clusterOffset(next) != L2Entry.clusterOffset(last) + geometry.clusterBytes()) {
      return false;
    }
    requireValid(range, slice, cluster);
    return true;
  }

  private Span allocated(SliceRange range, L2Slice slice, int first, long end) throws IOException {
    int touched = (int) Math.ceilDiv(end, Subclusters.COUNT);
    int count = 1;
    while (count < touched && !Subclusters.owned(slice.entry(range.index() + count), dataFile)) {
      requireValid(range, slice, count);
      count++;
    }
    int last = range.index() + count - 1;
    long lastStart = (count - 1L) << Subclusters.COUNT_BITS;
    long lastEnd = Math.min(end - lastStart, Subclusters.COUNT);
    return new Span(
        false,
        count,
        Math.min(first, firstKept(slice, range.index())),
        lastStart + Math.max(lastEnd, endKept(slice, last)));
  }

  /** Where the part begins that has to be copied out of a cluster that is replaced (I1). */
  private static int firstKept(L2Slice slice, int index) {
    return Subclusters.compressed(slice.entry(index))
        ? 0
        : Subclusters.firstAllocated(slice.bitmap(index));
  }

  private static int endKept(L2Slice slice, int index) {
    return Subclusters.compressed(slice.entry(index))
        ? Subclusters.COUNT
        : Subclusters.endAllocated(slice.bitmap(index));
  }

  private boolean holdsData(L2Slice slice, int index, int subcluster) {
    return Subclusters.kind(slice.entry(index), slice.bitmap(index), subcluster, dataFile)
        == Subclusters.Kind.NORMAL;
  }

  private void requireValid(SliceRange range, L2Slice slice, int ordinal) throws IOException {
    int index = range.index() + ordinal;
    clusterMap.requireValid(
        slice.entry(index), slice.bitmap(index), range.l1Index(), range.l2Index() + ordinal);
  }
}
