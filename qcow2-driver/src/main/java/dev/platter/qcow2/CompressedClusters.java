package dev.platter.qcow2;

import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads compressed clusters (specification: "Compressed Clusters Descriptor", compression type 0:
 * raw deflate).
 *
 * <p>The clusters decoded last are kept, so that small reads in order inflate each cluster once.
 *
 * <p>Threads: any number.
 */
final class CompressedClusters implements AutoCloseable {
  private static final int KEPT_CLUSTERS = 4;
  private static final int KEPT_INFLATERS = 4;

  private record Decoded(long entry, MemorySegment bytes) {}

  private final String imageName;
  private final ImageFile file;
  private final int clusterBits;
  private final AtomicReferenceArray<Decoded> kept = new AtomicReferenceArray<>(KEPT_CLUSTERS);
  private final ArrayBlockingQueue<Inflater> inflaters = new ArrayBlockingQueue<>(KEPT_INFLATERS);

  CompressedClusters(String imageName, ImageFile file, int clusterBits) {
    this.imageName = imageName;
    this.file = file;
    this.clusterBits = clusterBits;
  }

  /**
   * Fills {@code dst} from a compressed cluster.
   *
   * @param entry the cluster's L2 entry
   * @param guestOffset the first byte wanted; {@code dst} ends within its cluster
   * @throws CorruptImageException if what is stored does not inflate to a cluster
   */
  void read(long entry, long guestOffset, MemorySegment dst) throws IOException {
    int slot = (int) (guestOffset >>> clusterBits) & (KEPT_CLUSTERS - 1);
    Decoded decoded = kept.getAcquire(slot);
    if (decoded == null || decoded.entry() != entry) {
      decoded = new Decoded(entry, MemorySegment.ofArray(decode(entry)));
      kept.setRelease(slot, decoded);
    }
    long inCluster = guestOffset & ((1L << clusterBits) - 1);
    MemorySegment.copy(decoded.bytes(), inCluster, dst, 0, dst.byteSize());
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
    for (Inflater inflater = inflaters.poll(); inflater != null; inflater = inflaters.poll()) {
      inflater.end();
    }
  }

  private byte[] decode(long entry) throws IOException {
    long hostOffset = L2Entry.compressedOffset(entry, clusterBits);
    ByteBuffer stored = file.read(hostOffset, L2Entry.compressedBytes(entry, clusterBits));
    Inflater inflater = inflaters.poll();
    if (inflater == null) {
      inflater = new Inflater(true);
    }
    try {
      return inflate(inflater, stored, hostOffset);
    } finally {
      inflater.reset();
      if (!inflaters.offer(inflater)) {
        inflater.end();
      }
    }
  }

  private byte[] inflate(Inflater inflater, ByteBuffer stored, long hostOffset)
      throws CorruptImageException {
    byte[] cluster = new byte[1 << clusterBits];
    inflater.setInput(stored);
    int filled = 0;
    try {
      while (filled < cluster.length) {
        int more = inflater.inflate(cluster, filled, cluster.length - filled);
        if (more == 0) {
          break;
        }
        filled += more;
      }
    } catch (DataFormatException e) {
      throw damaged(hostOffset, String.valueOf(e.getMessage()));
    }
    if (filled < cluster.length) {
      throw damaged(hostOffset, "it ends after %d bytes".formatted(filled));
    }
    return cluster;
  }

  private CorruptImageException damaged(long hostOffset, String what) {
    return new CorruptImageException(
        imageName,
        "Compressed cluster at host offset %#x cannot be read: %s".formatted(hostOffset, what));
  }
}
