package dev.platter.api.error;

/** A file is not an image of the format it was opened as, or its header is not acceptable. */
public final class ImageFormatException extends BlockException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * @param image name of the image
   * @param what the field, what was found, what is allowed
   */
  public ImageFormatException(String image, String what) {
    super(image + ": " + what);
    this.reason = what;
  }

  /** The message without the image's name. */
  public String reason() {
    return reason;
  }
}
