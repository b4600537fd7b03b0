package dev.platter.tck.fake;

import dev.platter.api.BlockLimits;
import dev.platter.api.Extent;
import dev.platter.api.GrowingNode;
import dev.platter.api.IoVector;
import dev.platter.api.Preallocation;
import dev.platter.api.Ranges;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.NodeClosedException;
import dev.platter.api.error.OutOfRangeException;
import dev.platter.api.error.ReadOnlyNodeException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A growing node whose bytes lie in memory, sparsely: terabytes of nothing cost nothing.
 *
 * <p>Closing the node keeps its bytes: {@link #reopen()} gives a fresh node on them, as opening a
 * file again would. {@link #copy()} is what a power cut leaves behind when nothing is lost.
 *
 * <p>Threads: any number; each 512-byte sector is a linearizable register.
 */
public final class MemoryNode implements GrowingNode {
  private final String name;
  private final MemoryContents contents;
  private final boolean readOnly;
  private volatile boolean closed;

  /** An empty, writable node. */
  public MemoryNode(String name) {
    this(name, 0);
  }

  /** A writable node of {@code size} zero bytes. */
  public MemoryNode(String name, long size) {
    this(name, new MemoryContents(size), false);
  }

  private MemoryNode(String name, MemoryContents contents, boolean readOnly) {
    this.name = Objects.requireNonNull(name, "name");
    this.contents = contents;
    this.readOnly = readOnly;
  }

  /** A writable node that holds a copy of {@code bytes}. */
  public static MemoryNode of(String name, byte[] bytes) {
    MemoryNode node = new MemoryNode(name);
    try {
      node.contents.write(name, 0, MemorySegment.ofArray(bytes));
    } catch (OutOfRangeException e) {
      throw new AssertionError(e);
    }
    return node;
  }

  /** A new writable node on the same bytes; this one may be open or closed. */
  public MemoryNode reopen() {
    return new MemoryNode(name, contents, false);
  }

  /** A new node on the same bytes that refuses writes; this one may be open or closed. */
  public MemoryNode reopenReadOnly() {
    return new MemoryNode(name, contents, true);
  }

  /** A new node on the same bytes, under another name; this one may be open or closed. */
  public MemoryNode reopen(String otherName, boolean otherReadOnly) {
    return new MemoryNode(otherName, contents, otherReadOnly);
  }

  /** A new writable node on a copy of the bytes as they are now; writes before it are all in. */
  public MemoryNode copy() {
    return new MemoryNode(name, contents.copy(), false);
  }

  /**
   * A copy of all bytes; also after the node was closed.
   *
   * @throws ArithmeticException if the node is too large for an array
   */
  public byte[] bytes() {
    byte[] bytes = new byte[Math.toIntExact(size())];
    try {
      contents.read(name, 0, MemorySegment.ofArray(bytes));
    } catch (OutOfRangeException e) {
      throw new AssertionError(e);
    }
    return bytes;
  }

  /** A number of 64 bits that nodes of the same size and bytes share, and others hardly ever. */
  public long fingerprint() {
    return contents.fingerprint();
  }

  /** Bytes of memory that hold data: a multiple of 64 KiB. */
  public long allocatedBytes() {
    return contents.allocatedBytes();
  }

  /** The sum of the lengths of all discards so far. */
  public long discardedBytes() {
    return contents.discardedBytes();
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return contents.size();
  }

  @Override
  public boolean readOnly() {
    return readOnly;
  }

  @Override
  public BlockLimits limits() {
    return BlockLimits.NONE;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    checkOpen();
    contents.read(name, offset, dst);
  }

  @Override
  public void read(long offset, IoVector dst) throws IOException {
    Ranges.check(name, size(), offset, dst.byteSize());
    MemorySegment joined = MemorySegment.ofArray(new byte[Math.toIntExact(dst.byteSize())]);
    read(offset, joined);
    Vectors.scatter(joined, dst);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    checkWritable();
    contents.write(name, offset, src);
  }

  @Override
  public void write(long offset, IoVector src) throws IOException {
    write(offset, Vectors.join(src));
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    checkWritable();
    contents.zero(name, offset, length, mode == ZeroMode.MAY_UNMAP);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    checkWritable();
    contents.discard(name, offset, length);
  }

  @Override
  public void flush() throws IOException {
    checkOpen();
  }

  /** Extents are those of the 64 KiB chunks: data where one was written to, else zeros. */
  @Override
  public Extent extent(long offset, long length) throws IOException {
    checkOpen();
    Ranges.check(name, size(), offset, length);
    long run = contents.runLength(offset, length);
    return contents.present(offset)
        ? Extent.data(offset, run, offset, name)
        : Extent.zero(offset, run);
  }

  @Override
  public void resize(long newSize, Preallocation preallocation) throws IOException {
    checkWritable();
    if (newSize < 0) {
      throw new IllegalArgumentException("newSize is " + newSize);
    }
    contents.resize(newSize);
  }

  @Override
  public void close() {
    closed = true;
  }

  @Override
  public String toString() {
    return "MemoryNode[%s, %d bytes%s%s]"
        .formatted(name, size(), readOnly ? ", read-only" : "", closed ? ", closed" : "");
  }

  private void checkOpen() throws NodeClosedException {
    if (closed) {
      throw new NodeClosedException(name);
    }
  }

  private void checkWritable() throws IOException {
    checkOpen();
    if (readOnly) {
      throw new ReadOnlyNodeException(name);
    }
  }
}
