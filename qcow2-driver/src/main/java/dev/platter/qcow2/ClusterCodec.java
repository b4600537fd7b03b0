package dev.platter.qcow2;

import java.lang.foreign.MemorySegment;
import java.util.zip.DataFormatException;

/**
 * Compresses and decompresses one cluster at a time (specification: "Compressed Clusters
 * Descriptor", and the header's field "compression_type").
 *
 * <p>Threads: one at a time; {@link CodecPool} lends each to one.
 */
sealed interface ClusterCodec extends AutoCloseable permits DeflateCodec, ZstdCodec {

  /** A codec of the kind that a header names. */
  static ClusterCodec of(int compressionType) {
    return switch (compressionType) {
      case Qcow2Header.COMPRESSION_DEFLATE -> new DeflateCodec();
      case Qcow2Header.COMPRESSION_ZSTD -> new ZstdCodec();
      default -> throw new IllegalArgumentException("compression type " + compressionType);
    };
  }

  /**
   * Compresses a cluster.
   *
   * @param out where to; at least {@link #maximumBytes} long
   * @return how many bytes of {@code out} are filled, at least 1; perhaps more than the cluster has
   */
  int compress(MemorySegment cluster, MemorySegment out);

  /** How much room {@link #compress} wants for a cluster of this size. */
  int maximumBytes(int clusterBytes);

  /**
   * Fills a cluster. What the stored bytes hold beyond a cluster does not matter.
   *
   * @param stored the compressed bytes; other bytes may follow them
   * @throws DataFormatException if that is not what they are, or they are too few; {@code cluster}
   *     holds anything then
   */
  void decompress(MemorySegment stored, MemorySegment cluster) throws DataFormatException;

  /** Frees what the garbage collector does not know of. */
  @Override
  void close();
}
