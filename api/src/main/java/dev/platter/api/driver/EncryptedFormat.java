package dev.platter.api.driver;

import java.io.IOException;
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
   * Changes which passphrases open the image. Everything is durable when this returns; a power cut
   * meanwhile leaves each key slot as it was, as it was to be, or inactive.
   *
   * @param change what to do; its options have the names that {@code amend} gives them, without
   *     {@code encrypt.}
   * @throws dev.platter.api.error.OptionException if that cannot be done; nothing has been written
   * @throws dev.platter.api.error.UnsupportedFeatureException if the image has no key slots
   */
  void changeKeySlots(KeySlotChange change) throws IOException;

  /**
   * A change of key slots.
   *
   * @param activate whether a slot is to be filled; else slots are erased
   * @param newSecret the secret that is to open the image
   * @param oldSecret the secret whose slots are erased
   * @param keySlot the slot's index; by default the first free one, or those of the old secret
   * @param iterationMillis how long an attempt with the new secret is to take; by default 2000
   * @param force whether a slot in use may be overwritten, and the last one erased
   */
  record KeySlotChange(
      boolean activate,
      Optional<String> newSecret,
      Optional<String> oldSecret,
      Optional<Integer> keySlot,
      Optional<Long> iterationMillis,
      boolean force) {}
}
