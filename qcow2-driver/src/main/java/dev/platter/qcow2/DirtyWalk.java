package dev.platter.qcow2;

import dev.platter.api.driver.BitmapFormat.DirtyRange;
import java.io.IOException;
import java.util.Optional;

/**
 * Names the ranges of the disk whose bits are set, in the image or in memory; reads a cluster of
 * bits at a time.
 */
final class DirtyWalk {
  private final ClusterGeometry geometry;
  private final int granularityBits;
  private final long diskBytes;
  private final Optional<BitmapBits> stored;
  private final DirtyBits dirty;
  private long from = -1;

  /**
   * @param stored the bits that the image holds, if any of them count
   * @param dirty those that were set since
   */
  DirtyWalk(
      ClusterGeometry geometry,
      int granularityBits,
      long diskBytes,
      Optional<BitmapBits> stored,
      DirtyBits dirty) {
    this.geometry = geometry;
    this.granularityBits = granularityBits;
    this.diskBytes = diskBytes;
    this.stored = stored;
    this.dirty = dirty;
  }

  /** Names all ranges, none of which ends where the next begins. */
  void run(DirtyRange ranges) throws IOException {
    long bitCount = Math.ceilDiv(diskBytes, 1L << granularityBits);
    long perCluster = BitmapBits.bitsPerCluster(geometry);
    int clusters = (int) Math.ceilDiv(bitCount, perCluster);
    for (int index = 0; index < clusters; index++) {
      walkCluster(index, index * perCluster, Math.min(bitCount, (index + 1) * perCluster), ranges);
    }
    close(bitCount, ranges);
  }

  private void walkCluster(int index, long first, long end, DirtyRange ranges) throws IOException {
    boolean held = stored.isPresent() && stored.get().entry(index) != 0;
    if (!held && dirty.nextSet(first, end) == end) {
      close(first, ranges);
      return;
    }
    byte[] bits = new byte[geometry.clusterBytes()];
    if (held) {
      stored.get().read(index, bits);
    }
    dirty.addTo(first, bits);
    for (long bit = first; bit < end; bit++) {
      int at = (int) (bit - first);
      if ((bits[at >>> 3] >>> (at & 7) & 1) == 0) {
        close(bit, ranges);
      } else if (from < 0) {
        from = bit;
      }
    }
  }

  /** Ends the range that is open, if one is, before a bit that is not set. */
  private void close(long bit, DirtyRange ranges) throws IOException {
    if (from >= 0) {
      long start = from << granularityBits;
      ranges.accept(start, Math.min(bit << granularityBits, diskBytes) - start);
      from = -1;
    }
  }
}
