package dev.platter.qcow2;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * How often each cluster of a part of an image's file is referred to.
 *
 * <p>A cluster costs one byte. Where one in a page of neighbours has more references than that, as
 * with hundreds of snapshots, the page has a second array of wider counts. A file with more
 * clusters than fit is counted window by window, with a walk through the metadata for each.
 *
 * <p>Threads: one.
 */
final class ReferenceCounts {
  /** The most clusters that are counted at once; it bounds the memory of a check. */
  static final int WINDOW_CLUSTERS = 1 << 25;

  /** So many are said; the rest is only counted. */
  private static final int MAXIMUM_OVERFLOWS = 1000;

  private static final int WIDE = 0xff;
  private static final int PAGE_BITS = 6;

  private final CheckTally tally;
  private final ClusterGeometry geometry;
  private final long fileBytes;
  private final long firstCluster;
  private final byte[] counts;
  private final MissingRegions missing;
  private final Map<Integer, int[]> widePages = new HashMap<>();
  private long highestCluster = -1;
  private int overflowCount;

  /**
   * Counts of {@code [firstCluster, firstCluster + clusterCount)}, all zero.
   *
   * @param tally takes counts that exceed what the image can store
   */
  ReferenceCounts(
      CheckTally tally,
      ClusterGeometry geometry,
      long fileBytes,
      long firstCluster,
      int clusterCount) {
    this.tally = tally;
    this.geometry = geometry;
    this.fileBytes = fileBytes;
    this.firstCluster = firstCluster;
    this.counts = new byte[clusterCount];
    this.missing = new MissingRegions(fileBytes);
  }

  /** Whether the cluster is in this window. */
  boolean covers(long cluster) {
    return cluster >= firstCluster && cluster - firstCluster < counts.length;
  }

  /** The first cluster of the window. */
  long firstCluster() {
    return firstCluster;
  }

  /** The first cluster behind the window. */
  long endCluster() {
    return firstCluster + counts.length;
  }

  /** References to a cluster of this window. */
  long get(long cluster) {
    int index = (int) (cluster - firstCluster);
    int count = counts[index] & 0xff;
    return count == WIDE ? widePage(index)[index & ((1 << PAGE_BITS) - 1)] : count;
  }

  /** The greatest cluster that was referred to, in this window or not; -1 if none was. */
  long highestCluster() {
    return highestCluster;
  }

  /** The regions that were referred to and that the file does not have. */
  MissingRegions missing() {
    return missing;
  }

  /** Whether no cluster of a part of this window is referred to. */
  boolean zero(long fromCluster, long toCluster) {
    int from = (int) (fromCluster - firstCluster);
    int to = (int) (toCluster - firstCluster);
    return counts[from] == 0 && Arrays.mismatch(counts, from, to - 1, counts, from + 1, to) < 0;
  }

  /**
   * Counts references to each cluster that a region touches.
   *
   * @param walk takes the finding that the region lies behind the end of the file
   * @param offset first byte of the region; untrusted
   * @param bytes its length; nothing is counted for 0
   * @param times how many references there are
   */
  void add(CheckTally walk, long offset, long bytes, long times) {
    if (bytes > 0 && within(walk, offset, bytes, times)) {
      long first = geometry.clusterIndex(offset);
      addClusters(first, geometry.clusterIndex(offset + bytes - 1) - first + 1, times);
    }
  }

  /** Whether a region lies within the file; otherwise a finding is made for each reference. */
  boolean within(CheckTally walk, long offset, long bytes, long times) {
    // The last cluster of a file need not be there as a whole.
    if (offset >= 0 && offset <= fileBytes + geometry.clusterBytes() - bytes - 1) {
      return true;
    }
    walk.corruption(
        ("ERROR: counting reference for region exceeding the end of the file by one cluster or"
                + " more: offset 0x%x size 0x%x")
            .formatted(offset, bytes),
        times);
    missing.add(offset, bytes);
    return false;
  }

  /** Counts references to clusters, of which there is at least one. */
  void addClusters(long cluster, long clusterCount, long times) {
    long end = cluster + clusterCount;
    highestCluster = Math.max(highestCluster, end - 1);
    for (long at = Math.max(cluster, firstCluster); at < Math.min(end, endCluster()); at++) {
      increase(at, times);
    }
  }

  private void increase(long cluster, long times) {
    long count = get(cluster);
    long room = Math.min(storable(), Integer.MAX_VALUE) - count;
    if (times > room) {
      overflow(cluster, times - room);
    }
    int index = (int) (cluster - firstCluster);
    long increased = count + Math.min(times, room);
    if (increased < WIDE) {
      counts[index] = (byte) increased;
    } else {
      counts[index] = (byte) WIDE;
      widePage(index)[index & ((1 << PAGE_BITS) - 1)] = (int) increased;
    }
  }

  private void overflow(long cluster, long times) {
    if (overflowCount == MAXIMUM_OVERFLOWS) {
      tally.corruptions += times;
      return;
    }
    overflowCount++;
    tally.corruption(
        "ERROR: overflow cluster offset=0x%x".formatted(geometry.clusterOffset(cluster)), times);
    tally.note(
        "Use qemu-img amend to increase the refcount entry width or qemu-img convert to create a"
            + " clean copy if the image cannot be opened for writing");
  }

  /** The greatest refcount that the image can store, as a signed number. */
  private long storable() {
    long maximum = geometry.maximumRefcount();
    return maximum < 0 ? Long.MAX_VALUE : maximum;
  }

  private int[] widePage(int index) {
    return widePages.computeIfAbsent(index >>> PAGE_BITS, page -> new int[1 << PAGE_BITS]);
  }
}
