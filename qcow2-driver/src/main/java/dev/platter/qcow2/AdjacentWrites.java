package dev.platter.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Writes pieces to a file, those that follow each other together. The last ones are written by
 * {@link #finish}.
 *
 * <p>Threads: one.
 */
final class AdjacentWrites {
  private static final int BUFFER_BYTES = 1 << 20;

  private final ImageFile file;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
  private long start;

  AdjacentWrites(ImageFile file) {
    this.file = file;
  }

  /** Takes the remaining bytes, a copy of which goes to {@code offset}. */
  void add(long offset, ByteBuffer bytes) throws IOException {
    if (offset != start + buffer.position() || bytes.remaining() > buffer.remaining()) {
      finish();
      start = offset;
    }
    if (bytes.remaining() > buffer.remaining()) {
      file.write(offset, bytes);
    } else {
      buffer.put(bytes);
    }
  }

  /** Writes what it holds. */
  void finish() throws IOException {
    if (buffer.position() > 0) {
      file.write(start, buffer.flip());
      buffer.clear();
    }
  }
}
