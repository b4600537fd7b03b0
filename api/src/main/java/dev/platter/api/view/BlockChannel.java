package dev.platter.api.view;

import dev.platter.api.BlockNode;
import dev.platter.api.Child;
import dev.platter.api.Preallocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;

/**
 * A node as a {@link SeekableByteChannel}: what libraries that read archives, partitions or file
 * systems ask for.
 *
 * <p>Beyond the channel's contract: a read stops short only at the end of the node, and a write
 * writes everything or throws. A write beyond the end makes a {@link dev.platter.api.GrowingNode}
 * longer; another node refuses it with {@link dev.platter.api.error.OutOfRangeException}. An
 * interrupt has no effect.
 *
 * <p>Threads: safe; requests of one channel run one after the other.
 */
public final class BlockChannel implements SeekableByteChannel {
  private final Child child;
  private final BlockNode node;
  private long position;
  private boolean closed;

  /** A channel over a node, at position 0. */
  public BlockChannel(Child child) {
    this.child = child;
    this.node = child.node();
  }

  @Override
  public synchronized int read(ByteBuffer dst) throws IOException {
    requireOpen();
    long available = node.size() - position;
    if (!dst.hasRemaining() || available <= 0) {
      return dst.hasRemaining() ? -1 : 0;
    }
    int count = (int) Math.min(dst.remaining(), available);
    int limit = dst.limit();
    dst.limit(dst.position() + count);
    try {
      node.read(position, dst);
    } finally {
      dst.limit(limit);
    }
    position += count;
    return count;
  }

  /**
   * {@inheritDoc}
   *
   * @throws NonWritableChannelException if the node is read-only
   */
  @Override
  public synchronized int write(ByteBuffer src) throws IOException {
    requireWritable();
    int count = src.remaining();
    if (count > 0) {
      node.write(position, src);
      position += count;
    }
    return count;
  }

  @Override
  public synchronized long position() throws IOException {
    requireOpen();
    return position;
  }

  @Override
  public synchronized BlockChannel position(long newPosition) throws IOException {
    requireOpen();
    if (newPosition < 0) {
      throw new IllegalArgumentException("position is " + newPosition);
    }
    position = newPosition;
    return this;
  }

  @Override
  public synchronized long size() throws IOException {
    requireOpen();
    return node.size();
  }

  /**
   * {@inheritDoc}
   *
   * @throws NonWritableChannelException if the node is read-only
   * @throws dev.platter.api.error.UnsupportedFeatureException if it would have to become shorter
   *     and cannot
   */
  @Override
  public synchronized BlockChannel truncate(long newSize) throws IOException {
    requireWritable();
    if (newSize < 0) {
      throw new IllegalArgumentException("size is " + newSize);
    }
    if (newSize < node.size()) {
      node.resize(newSize, Preallocation.OFF);
    }
    position = Math.min(position, newSize);
    return this;
  }

  @Override
  public synchronized boolean isOpen() {
    return !closed;
  }

  @Override
  public synchronized void close() throws IOException {
    if (!closed) {
      closed = true;
      child.close();
    }
  }

  private void requireOpen() throws ClosedChannelException {
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  private void requireWritable() throws ClosedChannelException {
    requireOpen();
    if (node.readOnly()) {
      throw new NonWritableChannelException();
    }
  }
}
