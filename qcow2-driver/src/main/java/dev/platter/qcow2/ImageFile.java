package dev.platter.qcow2;

import dev.platter.api.BlockNode;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The image's file as metadata sees it: big-endian, and reading as zeros behind its end.
 *
 * <p>Threads: as {@link BlockNode}. Borrows the node.
 */
record ImageFile(BlockNode node) {

  /**
   * Reads {@code length} bytes; those behind the end of the file are zeros.
   *
   * @param offset any offset; an offset of 2^63 and more, which is negative, is behind every end
   * @return a buffer at position 0 with {@code length} bytes remaining
   */
  ByteBuffer read(long offset, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    long present = offset < 0 ? 0 : Math.clamp(node.size() - offset, 0, length);
    if (present > 0) {
      node.read(offset, bytes.limit((int) present));
    }
    return bytes.clear();
  }

  /** Writes the remaining bytes; the file grows where it must. */
  void write(long offset, ByteBuffer bytes) throws IOException {
    node.write(offset, bytes);
  }
}
