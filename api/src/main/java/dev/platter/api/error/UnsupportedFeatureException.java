package dev.platter.api.error;

/** An image or a request needs something that the driver does not offer. */
public final class UnsupportedFeatureException extends BlockException {
  private static final long serialVersionUID = 1L;

  public UnsupportedFeatureException(String message) {
    super(message);
  }
}
