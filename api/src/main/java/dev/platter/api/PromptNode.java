package dev.platter.api;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A node that can tell whether a read would wait for a disk, and leave it undone then: so a thread
 * that must not wait can serve what the host has in memory, and hand on the rest.
 *
 * <p>Threads: any, as {@link BlockNode}.
 */
public interface PromptNode extends BlockNode {

  /**
   * Whether {@link #readPromptly} is of use: false where the host cannot tell, or where what it has
   * in memory is passed by, as by direct I/O. It may become false, never true again.
   */
  boolean promptReads();

  /**
   * {@link #read(long, MemorySegment)}, unless that would wait for data to come from a disk, or for
   * requests to be let in again. Tables of the layer that holds the bytes may be read all the same,
   * but a long chain is not walked.
   *
   * @return whether {@code dst} was filled; if not, its contents are undefined, and it is not known
   *     whether {@code read} would succeed
   */
  boolean readPromptly(long offset, MemorySegment dst) throws IOException;

  /**
   * {@link #read(long, IoVector)}, on the terms of {@link #readPromptly(long, MemorySegment)}: all
   * segments are filled, or nothing is known of any.
   */
  default boolean readPromptly(long offset, IoVector dst) throws IOException {
    Ranges.check(name(), size(), offset, dst.byteSize());
    long at = offset;
    for (MemorySegment segment : dst.segments()) {
      if (!readPromptly(at, segment)) {
        return false;
      }
      at += segment.byteSize();
    }
    return true;
  }
}
