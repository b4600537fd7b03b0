package dev.platter.file;

import dev.platter.api.BlockLimits;
import dev.platter.api.error.BlockIoException;
import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/**
 * An open host file, reached by one of several means: the primitives that {@link HostFile} is made
 * of.
 *
 * <p>Transfers are whole or throw. What lies past the end of the file reads as zeros; a write past
 * the end makes the file longer. Any number of threads may call at once, but nobody calls during or
 * after {@code close}. Failures are {@link BlockIoException}.
 */
interface OpenFile extends Closeable {

  /** What identifies the file on this host. */
  FileKey key();

  /** Whether the path still denotes this file; true where the host does not tell. */
  boolean isAt(Path path) throws IOException;

  /** Locks on the file's bytes; {@link ByteLocks#NONE} where the host has none. */
  ByteLocks locks();

  /** The present size in bytes, asked from the host. */
  long size() throws IOException;

  /** Bytes of storage that the file occupies on the host. */
  long allocatedBytes() throws IOException;

  /** Alignments that transfers need no bounce buffer for. */
  BlockLimits limits();

  void read(long offset, MemorySegment dst) throws IOException;

  /** Whether {@link #readPromptly} is of use. */
  default boolean promptReads() {
    return false;
  }

  /** Reads what the host has in memory; false if not all of it is there. */
  default boolean readPromptly(long offset, MemorySegment dst) throws IOException {
    return false;
  }

  /**
   * {@link #readPromptly(long, MemorySegment)} into several segments.
   *
   * @param length the sum of their sizes
   */
  default boolean readPromptly(long offset, List<MemorySegment> dst, long length)
      throws IOException {
    return false;
  }

  void read(long offset, List<MemorySegment> dst) throws IOException;

  void write(long offset, MemorySegment src) throws IOException;

  void write(long offset, List<MemorySegment> src) throws IOException;

  /**
   * Sets the size. Growth reads as zeros. Not to be called beside other calls that write. A device
   * keeps its size, and fails to become larger.
   */
  void truncate(long size) throws IOException;

  /** Makes a range within the file read as zeros, and frees its space; false if it cannot be. */
  boolean punch(long offset, long length) throws IOException;

  /**
   * Makes a range within the file read as zeros without writing them, and keeps or gives it space;
   * false if it cannot be.
   */
  boolean zero(long offset, long length) throws IOException;

  /** Gives a range space without changing its contents or the file's size; false if it cannot. */
  boolean allocate(long offset, long length) throws IOException;

  /**
   * The first offset from {@code offset} on that is stored; {@link Long#MAX_VALUE} if there is
   * none.
   */
  long nextData(long offset) throws IOException;

  /** The first offset from {@code offset}, which is stored, that is not. */
  long nextHole(long offset) throws IOException;

  /**
   * Lets the host copy bytes of another file, which all lie within that, into this one; false if it
   * cannot. Some of them may have been copied then.
   */
  default boolean copyFrom(long offset, OpenFile source, long sourceOffset, long length)
      throws IOException {
    return false;
  }

  /**
   * Has the host overwrite the file's blocks where they are, for an empty file on a host that would
   * write them elsewhere; without effect on others.
   */
  default void turnOffCopyOnWrite() {}

  /**
   * Has the host give the file space in larger pieces, for an empty file on a host that takes such
   * hints; without effect on others.
   *
   * @param bytes the size of a piece, below 2^32; 0 to leave it to the host
   */
  default void hintExtentSize(long bytes) {}

  /** Makes completed writes durable. */
  void sync() throws BlockIoException;
}
