package dev.platter.api.view;

import dev.platter.api.BlockNode;
import dev.platter.api.Child;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * The bytes of a node, from first to last, as a stream.
 *
 * <p>It has no buffer: wrap it in a {@link java.io.BufferedInputStream} to read small pieces. A
 * read stops short only at the end of the node. Marks cost nothing and never expire.
 *
 * <p>Threads: one at a time.
 */
public final class BlockInputStream extends InputStream {
  private final Child child;
  private final BlockNode node;
  private long position;
  private long mark;

  /** A stream from the node's first byte. */
  public BlockInputStream(Child child) {
    this(child, 0);
  }

  /**
   * A stream from a byte within the node.
   *
   * @param offset the first byte to read; at or beyond the end, the stream is empty
   */
  public BlockInputStream(Child child, long offset) {
    if (offset < 0) {
      throw new IllegalArgumentException("offset is " + offset);
    }
    this.child = child;
    this.node = child.node();
    this.position = offset;
    this.mark = offset;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
  }

  @Override
  public int read(byte[] dst, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, dst.length);
    int count = (int) Math.min(length, left());
    if (count == 0) {
      return length == 0 ? 0 : -1;
    }
    node.read(position, ByteBuffer.wrap(dst, offset, count));
    position += count;
    return count;
  }

  @Override
  public long skip(long count) {
    long skipped = Math.clamp(count, 0, left());
    position += skipped;
    return skipped;
  }

  @Override
  public int available() {
    return (int) Math.min(Integer.MAX_VALUE, left());
  }

  @Override
  public boolean markSupported() {
    return true;
  }

  @Override
  public void mark(int readLimit) {
    mark = position;
  }

  /** Goes back to the last mark, or to where the stream began. */
  @Override
  public void reset() {
    position = mark;
  }

  @Override
  public void close() throws IOException {
    child.close();
  }

  private long left() {
    return Math.max(0, node.size() - position);
  }
}
