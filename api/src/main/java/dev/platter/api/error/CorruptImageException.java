package dev.platter.api.error;

/** An image's metadata contradicts itself or its format; reported to a guest as EIO. */
public final class CorruptImageException extends BlockException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  /**
   * @param image name of the image
   * @param what what was found, where, and what is allowed
   */
  public CorruptImageException(String image, String what) {
    super(image + ": " + what);
    this.reason = what;
  }

  /** The message without the image's name. */
  public String reason() {
    return reason;
  }
}
