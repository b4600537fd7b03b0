package dev.platter.api;

import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * A node of the block graph: a disk, an image file, or a filter, as a flat range of bytes.
 *
 * <p>Every operation is positional and blocking, and transfers everything it was asked for or
 * throws; there are no short counts. A range must satisfy {@code 0 <= offset} and {@code offset +
 * length <= size()}; otherwise {@link dev.platter.api.error.OutOfRangeException} is thrown and
 * nothing is done. A zero length is always allowed within {@code [0, size()]} and does nothing.
 *
 * <p>Threads: all methods may be called from any number of threads at once. Each 512-byte sector
 * behaves as a linearizable register: a read sees the last completed write or a concurrent one. (A
 * host file is one but for reads that overlap a write of the same sector in time: the host's page
 * cache may show them a part of each.) After {@link #close()} every operation throws {@link
 * dev.platter.api.error.NodeClosedException}. An exception from {@code write}, {@code writeZeroes}
 * or {@code discard} leaves each sector of the range with its old or its new contents, and every
 * other sector untouched.
 *
 * <p>Implementations accept any offset and length; {@link #limits()} says what is fast, or, for a
 * node opened with direct I/O, what is transferred without a bounce buffer.
 */
public interface BlockNode extends AutoCloseable {

  /** The node's name: the {@code node-name} it was given, or one made for it. Never empty. */
  String name();

  /** The size in bytes. It changes only by {@link #resize}. */
  long size();

  /** Whether writes are refused with {@link dev.platter.api.error.ReadOnlyNodeException}. */
  boolean readOnly();

  /** Alignments and bounds of efficient requests; constant while the node is open. */
  BlockLimits limits();

  /**
   * Fills {@code dst} with the bytes at {@code offset}.
   *
   * @param offset first byte to read
   * @param dst a writable segment, native or heap; its {@code byteSize()} is the length
   */
  void read(long offset, MemorySegment dst) throws IOException;

  /**
   * Writes all of {@code src} at {@code offset}. The bytes are durable after the next {@link
   * #flush()} that starts after this call returned.
   */
  void write(long offset, MemorySegment src) throws IOException;

  /** Fills the segments of {@code dst} in order with the bytes at {@code offset}. */
  default void read(long offset, IoVector dst) throws IOException {
    Ranges.check(name(), size(), offset, dst.byteSize());
    long at = offset;
    for (MemorySegment segment : dst.segments()) {
      read(at, segment);
      at += segment.byteSize();
    }
  }

  /** Writes the segments of {@code src} in order at {@code offset}. */
  default void write(long offset, IoVector src) throws IOException {
    Ranges.check(name(), size(), offset, src.byteSize());
    long at = offset;
    for (MemorySegment segment : src.segments()) {
      write(at, segment);
      at += segment.byteSize();
    }
  }

  /**
   * Makes {@code [offset, offset + length)} read as zeros, by the cheapest means {@code mode}
   * allows.
   */
  void writeZeroes(long offset, long length, ZeroMode mode) throws IOException;

  /**
   * Says that the contents of the range are no longer needed. Afterwards each sector reads as its
   * old contents or as zeros, never as another block's bytes. A node that cannot discard does
   * nothing.
   */
  void discard(long offset, long length) throws IOException;

  /**
   * Makes every write, zero-write and discard that completed before this call durable. A failed
   * flush is sticky: the state on disk is unknown, so every later flush fails too, and the node
   * refuses writes until it is opened again.
   */
  void flush() throws IOException;

  /**
   * Describes the bytes at {@code offset}.
   *
   * @param length how many bytes the caller cares about, at least 1
   * @return an extent that starts at {@code offset} and is between 1 and {@code length} bytes long
   */
  Extent extent(long offset, long length) throws IOException;

  /**
   * Changes the size. Growth reads as zeros; shrinking drops what lies beyond.
   *
   * @param preallocation what to reserve for the growth
   * @throws UnsupportedFeatureException if this node cannot change its size
   */
  default void resize(long newSize, Preallocation preallocation) throws IOException {
    throw new UnsupportedFeatureException(name() + ": this node cannot be resized");
  }

  /**
   * Flushes, refuses further requests, waits for those in flight and releases what the node holds.
   * Closing twice does nothing. A failing flush is thrown after everything has been released.
   */
  @Override
  void close() throws IOException;

  /**
   * {@link #read(long, MemorySegment)} into the remaining bytes of {@code dst}, which it consumes.
   */
  default void read(long offset, ByteBuffer dst) throws IOException {
    read(offset, MemorySegment.ofBuffer(dst));
    dst.position(dst.limit());
  }

  /**
   * {@link #write(long, MemorySegment)} of the remaining bytes of {@code src}, which it consumes.
   */
  default void write(long offset, ByteBuffer src) throws IOException {
    write(offset, MemorySegment.ofBuffer(src));
    src.position(src.limit());
  }

  /** {@link #read(long, MemorySegment)} into all of {@code dst}. */
  default void read(long offset, byte[] dst) throws IOException {
    read(offset, MemorySegment.ofArray(dst));
  }

  /** {@link #write(long, MemorySegment)} of all of {@code src}. */
  default void write(long offset, byte[] src) throws IOException {
    write(offset, MemorySegment.ofArray(src));
  }
}
