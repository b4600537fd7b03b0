package dev.platter.api.view;

import dev.platter.api.BlockNode;
import dev.platter.api.Child;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Writes a node from one byte on, as a stream.
 *
 * <p>It has no buffer: wrap it in a {@link java.io.BufferedOutputStream} to write small pieces. A
 * write beyond the end makes a {@link dev.platter.api.GrowingNode} longer; another node refuses it
 * with {@link dev.platter.api.error.OutOfRangeException} and keeps what it has.
 *
 * <p>Threads: one at a time.
 */
public final class BlockOutputStream extends OutputStream {
  private final Child child;
  private final BlockNode node;
  private long position;

  /** A stream over the node's first byte and the following. */
  public BlockOutputStream(Child child) {
    this(child, 0);
  }

  /**
   * A stream over the bytes from {@code offset} on.
   *
   * @param offset the first byte to write
   */
  public BlockOutputStream(Child child, long offset) {
    if (offset < 0) {
      throw new IllegalArgumentException("offset is " + offset);
    }
    this.child = child;
    this.node = child.node();
    this.position = offset;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] src, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, src.length);
    if (length > 0) {
      node.write(position, ByteBuffer.wrap(src, offset, length));
      position += length;
    }
  }

  /** Makes what was written durable: {@link BlockNode#flush}. */
  @Override
  public void flush() throws IOException {
    node.flush();
  }

  @Override
  public void close() throws IOException {
    child.close();
  }
}
