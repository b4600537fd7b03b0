package dev.platter.api.driver;

import java.util.Arrays;

/**
 * Bytes that only those who need them shall see: a passphrase or a key. They are zeroed when the
 * secret is closed, and appear in no text.
 *
 * <p>Threads: used by one at a time.
 */
public final class Secret implements AutoCloseable {
  private final byte[] bytes;

  private Secret(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * A secret.
   *
   * @param bytes what it consists of; the secret's from now on, which zeroes them
   */
  public static Secret of(byte[] bytes) {
    return new Secret(bytes);
  }

  /** The bytes themselves: zeros once the secret is closed, so callers neither keep nor pass on. */
  public byte[] bytes() {
    return bytes;
  }

  /** The same bytes again, to be closed separately. */
  public Secret copy() {
    return new Secret(bytes.clone());
  }

  /** Zeroes the bytes. */
  @Override
  public void close() {
    Arrays.fill(bytes, (byte) 0);
  }

  /** Says nothing about the bytes. */
  @Override
  public String toString() {
    return "Secret[hidden]";
  }
}
