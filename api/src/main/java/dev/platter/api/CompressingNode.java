package dev.platter.api;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A node that can write compressed: a disk image of a format that has it, or what passes requests
 * on to one.
 *
 * <p>A compressed write is made in two steps, so that many threads can compress while the writes
 * come in an order.
 */
public interface CompressingNode extends BlockNode {

  /** Whether this node's image can have compressed data. */
  boolean compresses();

  /**
   * Compresses bytes to be written.
   *
   * @param offset first byte; a multiple of {@link BlockLimits#optimalTransferBytes()}
   * @param src a multiple of that many bytes, or up to the end of the disk; it must stay as it is
   *     until the write has been performed
   * @return the write; nothing has been written yet
   * @throws dev.platter.api.error.BlockIoException with EINVAL if the range is not aligned
   */
  PreparedWrite prepareCompressed(long offset, MemorySegment src) throws IOException;

  /** The node, if it is one of these and can. */
  static Optional<CompressingNode> of(BlockNode node) {
    return node instanceof CompressingNode compressing && compressing.compresses()
        ? Optional.of(compressing)
        : Optional.empty();
  }

  /** A write that has been compressed. */
  interface PreparedWrite {
    /**
     * Performs the write, once; as durable as any other.
     *
     * @throws dev.platter.api.error.BlockIoException with EIO if some of the range is allocated:
     *     what is compressed replaces nothing. Units before it have been written then
     */
    void perform() throws IOException;
  }
}
