package dev.platter.api.driver;

import java.util.Optional;

/**
 * A format driver whose images may hold their guest bytes encrypted.
 *
 * <p>Where {@link FormatDriver#map} answers {@link Mapping.Data}, the graph passes bytes through
 * the cipher; it rounds requests out to sectors, and never lets the node below write zeros instead.
 */
public interface EncryptedFormat {

  /** The cipher of all guest bytes; empty if they are stored as they are. Never changes. */
  Optional<DataCipher> dataCipher();

  /**
   * Whether guest bytes that were never written read as zeros, those of a new image and of growth.
   * If not, they read as noise: whatever the data node holds there, decrypted.
   */
  default boolean newSpaceReadsAsZeros() {
    return true;
  }
}
