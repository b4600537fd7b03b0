package dev.platter.api.error;

/**
 * A flush that could not write all metadata, most often because the host has no space left, and
 * that can be repeated.
 *
 * <p>What the image held before is valid. What was to become durable is still to be read, and the
 * next flush writes it. A flush whose call for durability failed is never reported by this: what is
 * on the disk is unknown then.
 */
public final class UnfinishedFlushException extends BlockIoException {
  private static final long serialVersionUID = 1L;

  /**
   * @param node name of the node or image that was being flushed
   * @param cause the write that failed; its error is this failure's too
   */
  public UnfinishedFlushException(String node, BlockIoException cause) {
    super(node, "write metadata back", cause.errno(), cause);
  }
}
