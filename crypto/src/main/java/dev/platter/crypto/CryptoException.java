package dev.platter.crypto;

import java.io.IOException;

/** A volume that cannot be opened, made or changed so. The message says why, and no secrets. */
public final class CryptoException extends IOException {
  private static final long serialVersionUID = 1;

  /** A failure with this message. */
  public CryptoException(String message) {
    super(message);
  }
}
