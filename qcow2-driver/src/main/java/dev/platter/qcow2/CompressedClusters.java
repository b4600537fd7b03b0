package dev.platter.qcow2;

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
 * <p>Threads: any number.
 */
final class CompressedClusters implements AutoCloseable {
  private static final int KEPT_CLUSTERS = 4;

  private record Decoded(long entry, MemorySegment bytes) {}

  private final String imageName;
  private final ImageFile file;
  private final int clusterBits;
  private final CodecPool codecs;
  private final AtomicReferenceArray<Decoded> kept = new AtomicReferenceArray<>(KEPT_CLUSTERS);

  /**
   * @param codecs borrowed
   */
  CompressedClusters(String imageName, ImageFile file, int clusterBits, CodecPool codecs) {
    this.imageName = imageName;
    this.file = file;
    this.clusterBits = clusterBits;
    this.codecs = codecs;
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
    if (decoded == null || decoded.entry() != entry) {
      if (dst.byteSize() == 1L << clusterBits) {
        decode(entry, dst);
        return;
      }
      decoded = new Decoded(entry, MemorySegment.ofArray(new byte[1 << clusterBits]));
      decode(entry, decoded.bytes());
      kept.setRelease(slot, decoded);
    }
    long inCluster = guestOffset & ((1L << clusterBits) - 1);
    MemorySegment.copy(decoded.bytes(), inCluster, dst, 0, dst.byteSize());
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
      kept.setRelease(slot, null);
    }
  }

  @Override
  public void close() {
    forget();
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
