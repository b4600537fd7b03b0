package dev.platter.qcow2;

import io.airlift.compress.v3.MalformedInputException;
import io.airlift.compress.v3.zstd.ZstdCompressor;
import io.airlift.compress.v3.zstd.ZstdDecompressor;
import java.lang.foreign.MemorySegment;
import java.util.zip.DataFormatException;

/**
 * Zstandard (RFC 8878), compression type 1: a cluster is one frame or several.
 *
 * <p>Each frame is decoded into what is left of the cluster, so that a hostile one cannot ask for
 * more memory than that, whatever window it names.
 */
final class ZstdCodec implements ClusterCodec {
  private final ZstdCompressor compressor = ZstdCompressor.create();
  private final ZstdDecompressor decompressor = ZstdDecompressor.create();

  @Override
  public int maximumBytes(int clusterBytes) {
    return compressor.maxCompressedLength(clusterBytes);
  }

  @Override
  public int compress(MemorySegment cluster, MemorySegment out) {
    return compressor.compress(cluster, out);
  }

  @Override
  public void decompress(MemorySegment stored, MemorySegment cluster) throws DataFormatException {
    long at = 0;
    long filled = 0;
    while (filled < cluster.byteSize()) {
      MemorySegment rest = stored.asSlice(at);
      long frameBytes = ZstdFrame.byteSize(rest);
      if (!ZstdFrame.skippable(rest)) {
        filled += decompressFrame(rest.asSlice(0, frameBytes), cluster.asSlice(filled));
      }
      at += frameBytes;
    }
  }

  private int decompressFrame(MemorySegment frame, MemorySegment out) throws DataFormatException {
    try {
      return decompressor.decompress(frame, out);
    } catch (MalformedInputException | IllegalArgumentException e) {
      DataFormatException failure = new DataFormatException(String.valueOf(e.getMessage()));
      failure.initCause(e);
      throw failure;
    }
  }

  @Override
  public void close() {}
}
