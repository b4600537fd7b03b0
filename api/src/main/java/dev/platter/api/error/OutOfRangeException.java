package dev.platter.api.error;

/** A request does not lie within its node. Nothing has been transferred. */
public final class OutOfRangeException extends BlockException {
  private static final long serialVersionUID = 1L;

  public OutOfRangeException(String node, long offset, long length, long size) {
    super(
        "%s: request of %d bytes at 0x%x lies outside [0, 0x%x)"
            .formatted(node, length, offset, size));
  }
}
