package dev.platter.api.error;

/** A file is not an image of the format it was opened as, or its header is not acceptable. */
public final class ImageFormatException extends BlockException {
  private static final long serialVersionUID = 1L;

  private final String reason;
  private final String hint;

  /**
   * @param image name of the image
   * @param what the field, what was found, what is allowed
   */
  public ImageFormatException(String image, String what) {
    this(image, what, "");
  }

  /**
   * @param hint what can be done about it, a sentence without a full stop
   */
  public ImageFormatException(String image, String what, String hint) {
    super(image + ": " + what);
    this.reason = what;
    this.hint = hint;
  }

  /** The message without the image's name. */
  public String reason() {
    return reason;
  }

  /** What can be done about it; empty if there is nothing. */
  public String hint() {
    return hint;
  }
}
