package dev.platter.api.driver;

import java.io.IOException;

/**
 * Space that has been reserved for guest bytes and that nothing points to yet.
 *
 * <p>The holder fills all of {@code [hostOffset, hostOffset + length)} of {@link
 * FormatDriver#data()}: the bytes to be written, and around them the old contents of the edges.
 * Then it commits. Closing without a commit gives the space back and leaves the image as it was.
 *
 * <p>Threads: used by one thread, which holds the range exclusively.
 */
public interface Allocation extends AutoCloseable {
  /** First guest byte covered; at most the offset asked for, aligned to the unit of mapping. */
  long guestOffset();

  /** Bytes covered: at least one byte of the request. Ends with a unit of mapping. */
  long length();

  /** Where the first byte lies in {@link FormatDriver#data()}. */
  long hostOffset();

  /**
   * Whether the space is known to read as zeros already (it lies beyond what was the end of the
   * file), so that edges of zeros need not be written.
   */
  default boolean knownZero() {
    return false;
  }

  /**
   * Links the space into the image: from now on {@link FormatDriver#map} answers with it. The link
   * becomes durable only after what was written to the space has.
   *
   * @throws IOException if that is not possible; the image is as it was and the space is given back
   */
  void commit() throws IOException;

  /**
   * Gives the space back unless it was committed. Does not throw: what cannot be given back leaks.
   */
  @Override
  void close();
}
