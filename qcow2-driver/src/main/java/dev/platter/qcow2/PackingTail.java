package dev.platter.qcow2;

/**
 * Where the next compressed cluster may begin: behind the last one, in the same host cluster.
 *
 * <p>Once something in that host cluster has been let go of, nothing is added to it: it may be
 * about to be punched, or handed out anew. Threads: under the metadata lock.
 */
final class PackingTail {
  private final int clusterBits;
  private long offset;

  PackingTail(int clusterBits) {
    this.clusterBits = clusterBits;
  }

  /** The first free byte, within a host cluster of compressed data; 0 if there is none. */
  long offset() {
    return offset;
  }

  /** How many bytes of its cluster are left; 0 if there is no tail. */
  int room() {
    int used = (int) (offset & ((1L << clusterBits) - 1));
    return used == 0 ? 0 : (1 << clusterBits) - used;
  }

  /** The tail is behind what ends at this offset. */
  void moveTo(long end) {
    offset = (end & ((1L << clusterBits) - 1)) == 0 ? 0 : end;
  }

  /** Notes that something in these clusters was let go of. */
  void leave(long firstCluster, long clusterCount) {
    long cluster = offset >>> clusterBits;
    if (cluster >= firstCluster && cluster < firstCluster + clusterCount) {
      offset = 0;
    }
  }
}
