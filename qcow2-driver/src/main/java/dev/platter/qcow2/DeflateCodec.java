package dev.platter.qcow2;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.deflate.DeflateNativeCompressor;
import io.airlift.compress.v3.deflate.DeflateNativeDecompressor;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * Raw deflate (RFC 1951, without a header), compression type 0.
 *
 * <p>QEMU writes windows of 4 KiB and reads any: it decodes a cluster in one go, where the window
 * is what has been decoded so far. So windows of 32 KiB are written here, which make smaller
 * clusters.
 *
 * <p>Where the host has libdeflate (it comes with the library), it does the work in a third of the
 * time; the JDK's own zlib does it elsewhere, and has the last word on streams that libdeflate does
 * not take: those that go on behind the cluster's end.
 */
final class DeflateCodec implements ClusterCodec {
  private static final int LEVEL = 6;
  private static final boolean NATIVE = DeflateNativeCompressor.isEnabled();

  /** Stored blocks of deflate: five bytes for each 64 KiB, and a little for what surrounds them. */
  private static final int OVERHEAD_BYTES = 256;

  private final Optional<DeflateNativeCompressor> nativeCompressor;
  private final Optional<DeflateNativeDecompressor> nativeDecompressor;
  private Optional<Deflater> deflater = Optional.empty();
  private Optional<Inflater> inflater = Optional.empty();

  DeflateCodec() {
    nativeCompressor = NATIVE ? Optional.of(new DeflateNativeCompressor(LEVEL)) : Optional.empty();
    nativeDecompressor = NATIVE ? Optional.of(new DeflateNativeDecompressor()) : Optional.empty();
  }

  @Override
  public int maximumBytes(int clusterBytes) {
    int needed = clusterBytes + clusterBytes / 1000 + OVERHEAD_BYTES;
    return nativeCompressor.isPresent()
        ? Math.max(needed, nativeCompressor.get().maxCompressedLength(clusterBytes))
        : needed;
  }

  @Override
  public int compress(MemorySegment cluster, MemorySegment out) {
    if (nativeCompressor.isPresent()) {
      return nativeCompressor.get().compress(cluster, out);
    }
    Deflater java = deflater.orElseGet(() -> new Deflater(LEVEL, true));
    deflater = Optional.of(java);
    java.reset();
    java.setInput(cluster.asByteBuffer());
    java.finish();
    return java.deflate(out.asByteBuffer());
  }

  @Override
  public void decompress(MemorySegment stored, MemorySegment cluster) throws DataFormatException {
    if (nativeDecompressor.isEmpty() || !decompressNatively(stored, cluster)) {
      inflate(stored, cluster);
    }
  }

  private boolean decompressNatively(MemorySegment stored, MemorySegment cluster) {
    try {
      return nativeDecompressor.get().decompress(stored, cluster) == cluster.byteSize();
    } catch (MalformedInputException e) {
      return false; // zlib tells what is wrong, or that nothing is
    }
  }

  private void inflate(MemorySegment stored, MemorySegment cluster) throws DataFormatException {
    Inflater java = inflater.orElseGet(() -> new Inflater(true));
    inflater = Optional.of(java);
    java.reset();
    java.setInput(stored.asByteBuffer());
    int filled = 0;
    int length = (int) cluster.byteSize();
    while (filled < length) {
      int more = java.inflate(cluster.asByteBuffer().position(filled));
      if (more == 0) {
        throw new DataFormatException("it ends after %d bytes".formatted(filled));
      }
      filled += more;
    }
  }

  @Override
  public void close() {
    deflater.ifPresent(Deflater::end);
    inflater.ifPresent(Inflater::end);
  }
}
