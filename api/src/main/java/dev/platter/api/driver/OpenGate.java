package dev.platter.api.driver;

import dev.platter.api.error.ImageRefusedException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Decides about files that an image wants opened and that the user did not name.
 *
 * <p>Nothing in an image opens another file by itself: every backing file or data file that a
 * header names passes a gate first. Threads: called from any thread that opens.
 */
@FunctionalInterface
public interface OpenGate {

  /**
   * Lets the file be opened by returning.
   *
   * @throws ImageRefusedException if it must not be opened; the message names the file and the
   *     option that would allow it
   */
  void check(ImplicitOpen open) throws ImageRefusedException;

  /**
   * A file that an image names.
   *
   * @param imageName the image whose header names it
   * @param role what for: {@code backing} or {@code data-file}
   * @param name the name as it stands in the header; untrusted
   * @param resolved the name made absolute, relative names being taken from the image's folder;
   *     equal to {@code name} where it is not a plain path
   * @param imageFile the path of the image's own file; empty if it is not known to lie in one
   */
  record ImplicitOpen(
      String imageName, String role, String name, String resolved, Optional<Path> imageFile) {}
}
