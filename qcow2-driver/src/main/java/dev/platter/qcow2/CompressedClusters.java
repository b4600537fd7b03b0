package dev.platter.qcow2;

import dev.platter.api.driver.CacheBudget;
import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.zip.DataFormatException;

/**
 * Reads compressed clusters, and compresses clusters (specification: "Compressed Clusters
 * Descriptor").
 *
 * <p>The clusters decoded last are kept, so that small reads in order decode each cluster once. A
 * read of a whole cluster is decoded where it goes.
 *
 * <ul>
 *   <li>I1: what is kept was taken from the budget of all caches. Where that has no room, nothing
 *       is kept, and each read decodes for itself.
 *   <li>I2: a slot that holds a cluster has its bytes of the budget, so a cluster that replaces
 *       another takes none.
 * </ul>
 *
 * <p>Threads: any number, without a lock.
 */
final class CompressedClusters implements CacheBudget.Evictor, AutoCloseable {
  private static final int KEPT_CLUSTERS = 4;

  /** Of a segment on an array: its class, its array, offset, length, and what it shares. */
  private static final int SEGMENT_FIELD_BYTES = 36;

  private static final int DECODED_FIELD_BYTES = 2 * Long.BYTES + HeapBytes.REFERENCE;

  private static final class Decoded {
    private final long entry;
    private final MemorySegment bytes;
    private volatile long lastUse;

    private Decoded(long entry, MemorySegment bytes, long now) {
      this.entry = entry;
      this.bytes = bytes;
      this.lastUse = now;
    }

    private Decoded usedAt(long now) {
      if (lastUse != now) { // writes only where time goes on
        lastUse = now;
      }
      return this;
    }
  }

  private final String imageName;
  private final ImageFile file;
  private final int clusterBits;
  private final CodecPool codecs;
  private final int keptBytes;
  private final CacheBudget.Share share;
  private final AtomicReferenceArray<Decoded> kept = new AtomicReferenceArray<>(KEPT_CLUSTERS);

  /**
   * @param codecs borrowed
   * @param budget of all caches
   */
  CompressedClusters(
      String imageName, ImageFile file, int clusterBits, CodecPool codecs, CacheBudget budget) {
    this.imageName = imageName;
    this.file = file;
    this.clusterBits = clusterBits;
    this.codecs = codecs;
    this.keptBytes =
        HeapBytes.array(1L << clusterBits)
            + HeapBytes.object(SEGMENT_FIELD_BYTES)
            + HeapBytes.object(DECODED_FIELD_BYTES);
    this.share = budget.join(this, 0).orElseThrow();
  }

  /**
   * Fills {@code dst} from a compressed cluster.
   *
   * @param entry the cluster's L2 entry
   * @param guestOffset the first byte wanted; {@code dst} ends within its cluster
   * @throws CorruptImageException if what is stored does not decompress to a cluster
   */
  void read(long entry, long guestOffset, MemorySegment dst) throws IOException {
    int slot = (int) (guestOffset >>> clusterBits) & (KEPT_CLUSTERS - 1);
    Decoded decoded = kept.getAcquire(slot);
    if (decoded == null || decoded.entry != entry) {
      if (dst.byteSize() == 1L << clusterBits) {
        decode(entry, dst);
        return;
      }
      MemorySegment bytes = MemorySegment.ofArray(new byte[1 << clusterBits]);
      decode(entry, bytes);
      decoded = new Decoded(entry, bytes, share.now());
      keep(slot, decoded);
    }
    long inCluster = guestOffset & ((1L << clusterBits) - 1);
    MemorySegment.copy(decoded.usedAt(share.now()).bytes, inCluster, dst, 0, dst.byteSize());
  }

  /** Keeps a cluster if there is room, and nobody else changes its slot. */
  private void keep(int slot, Decoded decoded) {
    Decoded old = kept.getAcquire(slot);
    if (old == null && !share.take(keptBytes)) {
      return;
    }
    if (!kept.compareAndSet(slot, old, decoded) && old == null) { // I2
      share.give(keptBytes);
    }
  }

  /**
   * Compresses a cluster.
   *
   * @return the compressed bytes, at most one less than a cluster has; empty if there would be more
   */
  Optional<MemorySegment> compress(MemorySegment cluster) {
    ClusterCodec codec = codecs.take();
    try {
      byte[] out = new byte[codec.maximumBytes(1 << clusterBits)];
      int bytes = codec.compress(cluster, MemorySegment.ofArray(out));
      return bytes < 1 << clusterBits
          ? Optional.of(MemorySegment.ofArray(Arrays.copyOf(out, bytes)))
          : Optional.empty();
    } finally {
      codecs.give(codec);
    }
  }

  /** Forgets decoded clusters: for when the host clusters they came from are used anew. */
  void forget() {
    for (int slot = 0; slot < KEPT_CLUSTERS; slot++) {
      if (kept.getAndSet(slot, null) != null) {
        share.give(keptBytes);
      }
    }
  }

  @Override
  public long oldestUse() {
    long oldest = NOTHING;
    for (int slot = 0; slot < KEPT_CLUSTERS; slot++) {
      Decoded decoded = kept.getAcquire(slot);
      oldest = decoded == null ? oldest : Math.min(oldest, decoded.lastUse);
    }
    return oldest;
  }

  @Override
  public long evictOldest() {
    long oldest = oldestUse();
    for (int slot = 0; slot < KEPT_CLUSTERS; slot++) {
      Decoded decoded = kept.getAcquire(slot);
      if (decoded != null && decoded.lastUse <= oldest && kept.compareAndSet(slot, decoded, null)) {
        return keptBytes;
      }
    }
    return 0;
  }

  /** Keeps nothing any more, and gives back what it took of the budget. */
  @Override
  public void close() {
    forget();
    share.close();
  }

  private void decode(long entry, MemorySegment cluster) throws IOException {
    long hostOffset = L2Entry.compressedOffset(entry, clusterBits);
    file.announce("read_compressed");
    ByteBuffer stored = file.read(hostOffset, L2Entry.compressedBytes(entry, clusterBits));
    ClusterCodec codec = codecs.take();
    try {
      codec.decompress(MemorySegment.ofBuffer(stored), cluster);
    } catch (DataFormatException e) {
      throw new CorruptImageException(
          imageName,
          "Compressed cluster at host offset %#x cannot be read: %s"
              .formatted(hostOffset, e.getMessage()));
    } finally {
      codecs.give(codec);
    }
  }
}
