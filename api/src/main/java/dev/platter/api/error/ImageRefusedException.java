package dev.platter.api.error;

/**
 * An image names another file that policy does not let it open, or a chain loops or is too deep.
 * The message names the file and the option that would allow it.
 */
public final class ImageRefusedException extends BlockException {
  private static final long serialVersionUID = 1L;

  public ImageRefusedException(String message) {
    super(message);
  }
}
