package dev.platter.crypto;

import java.io.IOException;

/**
 * Where a volume's header and key material lie.
 *
 * <p>Offsets count from the header's first byte. Callers read and write anything; what lies outside
 * is the storage's to refuse.
 */
public interface LuksStorage {
  /** Fills {@code dst} with the bytes at an offset. */
  void read(long offset, byte[] dst) throws IOException;

  /** Writes all of {@code src} at an offset. */
  void write(long offset, byte[] src) throws IOException;

  /** Makes durable what was written. */
  void flush() throws IOException;
}
