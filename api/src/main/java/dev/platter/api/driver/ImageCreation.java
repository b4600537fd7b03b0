package dev.platter.api.driver;

import dev.platter.api.BackingReference;
import dev.platter.api.option.OptionValues;
import java.util.Optional;

/**
 * What a new image is to be.
 *
 * @param imageName the image's name, for messages
 * @param sizeBytes the virtual size in bytes
 * @param backing the backing file to name in the header; it has been checked by the caller
 * @param options values of the provider's {@link BlockDriverProvider#createOptions()}
 * @param secrets the secrets that the options name
 */
public record ImageCreation(
    String imageName,
    long sizeBytes,
    Optional<BackingReference> backing,
    OptionValues options,
    Secrets secrets) {

  /** An image whose options name no secrets. */
  public ImageCreation(
      String imageName, long sizeBytes, Optional<BackingReference> backing, OptionValues options) {
    this(imageName, sizeBytes, backing, options, Secrets.NONE);
  }
}
