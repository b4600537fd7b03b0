package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * How the I/O loop moves bytes to and from one kind of memory. Stateless, so that a request needs
 * no object of its own beside the memory it was given.
 *
 * @param <M> the memory of a request
 */
sealed interface Transfer<M>
    permits SegmentTransfer,
        VectorTransfer,
        PromptTransfer,
        CopyOffload.Reading,
        CopyOffload.Writing {
  /** Reads {@code length} bytes at {@code offset} of {@code node} to {@code at} of the memory. */
  void read(BlockNode node, long offset, M memory, long at, long length) throws IOException;

  /**
   * Writes {@code length} bytes from {@code at} of the memory to {@code offset} of {@code node}.
   */
  void write(BlockNode node, long offset, M memory, long at, long length) throws IOException;

  /** Decodes guest bytes to {@code at} of the memory. */
  void readEncoded(
      FormatDriver driver,
      Mapping.Encoded encoded,
      long guestOffset,
      M memory,
      long at,
      long length)
      throws IOException;

  /** Fills a part of the memory with zeros. */
  void zero(M memory, long at, long length) throws IOException;

  /**
   * Whether layers may be asked, one after the other, that a search passes over for the first time:
   * each may have to read tables of its own.
   */
  default boolean mayWalk() {
    return true;
  }

  /** Whether the memory holds nothing but zeros. */
  default boolean allZeros(M memory, long length) throws IOException {
    return segments(memory, 0, length).stream().allMatch(Zeros::fill);
  }

  /** The segments that a part of the memory consists of. */
  List<MemorySegment> segments(M memory, long at, long length) throws IOException;
}
