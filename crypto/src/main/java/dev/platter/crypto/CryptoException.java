package dev.platter.crypto;

import java.io.IOException;

/** A volume that cannot be opened, made or changed so. The message says why, and no secrets. */
public final class CryptoException extends IOException {
  private static final long serialVersionUID = 1;

  private final String option;

  /** A failure with this message. */
  public CryptoException(String message) {
    this("", message);
  }

  /** A failure that the value of an option is to blame for. */
  CryptoException(String option, String message) {
    super(message);
    this.option = option;
  }

  /** The option to blame: {@code cipher-alg}; empty if there is none. */
  public String option() {
    return option;
  }
}
