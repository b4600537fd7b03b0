package dev.platter.api;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A node that grows as it is written, as a host file does: the {@code file} below a format.
 *
 * <p>If it is writable, {@link BlockNode#write} and {@link BlockNode#writeZeroes} accept ranges
 * that end beyond {@link BlockNode#size()}; the node then ends where the range does, and a gap
 * before it reads as zeros. Reads beyond the end are refused like everywhere else.
 */
public interface GrowingNode extends BlockNode {

  /** {@inheritDoc} The node grows as it does by writes of single segments. */
  @Override
  default void write(long offset, IoVector src) throws IOException {
    long at = offset;
    for (MemorySegment segment : src.segments()) {
      write(at, segment);
      at += segment.byteSize();
    }
  }
}
