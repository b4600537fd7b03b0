package dev.platter.api.driver;

/**
 * Where a range of an image's guest bytes lives: a format driver's answer to {@link
 * FormatDriver#map}.
 */
public sealed interface Mapping {

  /** How many guest bytes, from the offset asked for, the answer holds for; at least 1. */
  long length();

  /**
   * The bytes lie as they are in the driver's data node.
   *
   * @param hostOffset where the first byte lies in {@link FormatDriver#data()}
   * @param writable whether the bytes may be overwritten in place
   */
  record Data(long hostOffset, long length, boolean writable) implements Mapping {}

  /**
   * The image does not hold the bytes: the layer below answers; without one they are zeros.
   *
   * @param allocated whether space is reserved for them nevertheless
   * @param hostOffset where that is in {@link FormatDriver#data()}; meaningless unless {@code
   *     allocated}
   */
  record Backing(long length, boolean allocated, long hostOffset) implements Mapping {

    /** Bytes for which nothing is reserved. */
    public Backing(long length) {
      this(length, false, 0);
    }
  }

  /**
   * The image says that the bytes are zeros.
   *
   * @param hostOffset space that is reserved for them in {@link FormatDriver#data()}; meaningless
   *     unless {@code allocated}
   * @param allocated whether space is reserved for them
   */
  record Zero(long length, boolean allocated, long hostOffset) implements Mapping {}

  /**
   * The bytes are stored compressed or encrypted: only {@link FormatDriver#readEncoded} can read
   * them.
   *
   * @param token names the stored bytes to the driver; opaque
   */
  record Encoded(long token, long length) implements Mapping {}
}
