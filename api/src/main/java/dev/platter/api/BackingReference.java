package dev.platter.api;

import java.util.Objects;
import java.util.Optional;

/**
 * The backing file that an image's header names.
 *
 * @param fileName the name as it stands in the header: relative to the overlay's folder, absolute,
 *     or in a protocol's syntax; untrusted
 * @param formatName the format driver that the header names for it, if it does
 */
public record BackingReference(String fileName, Optional<String> formatName) {
  public BackingReference {
    Objects.requireNonNull(fileName, "fileName");
    Objects.requireNonNull(formatName, "formatName");
  }
}
