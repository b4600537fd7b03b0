package dev.platter.qcow2;

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
  static final int WINDOW_CLUSTERS = 1 << 26;

  private static final int WIDE = 0xff;
  private static final int PAGE_BITS = 12;

  private final CheckTally tally;
  private final ClusterGeometry geometry;
  private final long fileBytes;
  private final long firstCluster;
  private final byte[] counts;
  private final MissingRegions missing;
  private final Map<Integer, int[]> widePages = new HashMap<>();
  private long highestCluster = -1;

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

  /**
   * Counts a reference to each cluster that a region touches.
   *
   * @param walk takes the finding that the region lies behind the end of the file
   * @param offset first byte of the region; untrusted
   * @param bytes its length; nothing is counted for 0
   */
  void add(CheckTally walk, long offset, long bytes) {
    if (bytes <= 0) {
      return;
    }
    // The last cluster of a file need not be there as a whole.
    if (offset < 0 || offset > fileBytes + geometry.clusterBytes() - bytes - 1) {
      walk.corruption(
          ("ERROR: counting reference for region exceeding the end of the file by one cluster or"
                  + " more: offset 0x%x size 0x%x")
              .formatted(offset, bytes));
      missing.add(offset, bytes);
      return;
    }
    long last = geometry.clusterIndex(offset + bytes - 1);
    highestCluster = Math.max(highestCluster, last);
    for (long cluster = geometry.clusterIndex(offset); cluster <= last; cluster++) {
      if (covers(cluster)) {
        increment(cluster);
      }
    }
  }

  private void increment(long cluster) {
    long count = get(cluster);
    if (count == geometry.maximumRefcount() || count == Integer.MAX_VALUE) {
      tally.corruption(
          "ERROR: overflow cluster offset=0x%x".formatted(geometry.clusterOffset(cluster)));
      tally.note(
          "Use qemu-img amend to increase the refcount entry width or qemu-img convert to create a"
              + " clean copy if the image cannot be opened for writing");
      return;
    }
    int index = (int) (cluster - firstCluster);
    if (count + 1 < WIDE) {
      counts[index] = (byte) (count + 1);
    } else {
      counts[index] = (byte) WIDE;
      widePage(index)[index & ((1 << PAGE_BITS) - 1)] = (int) (count + 1);
    }
  }

  private int[] widePage(int index) {
    return widePages.computeIfAbsent(index >>> PAGE_BITS, page -> new int[1 << PAGE_BITS]);
  }
}
