package dev.platter.tools.io;

import dev.platter.conf.CacheMode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.image.AioMode;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenMode;
import java.util.Optional;
import java.util.Set;

/**
 * An image to be opened, and how.
 *
 * @param image which
 * @param shownName how messages call it: {@code device a.qcow2}; nothing for an option string
 * @param snapshot whether writes go to a temporary overlay
 * @param copyOnRead whether what is read is copied into the image
 */
record IoOpening(
    ImageArgument image,
    Optional<String> shownName,
    OpenMode mode,
    boolean snapshot,
    boolean copyOnRead) {
  private static final Set<String> DISCARD_WORDS = Set.of("ignore", "off", "unmap", "on");

  /**
   * Reads the options that {@code qemu-io} itself and its command {@code open} have in common.
   *
   * @throws CommandFailure for a word that none of them knows
   */
  static OpenMode mode(Getopt.Parsed given) throws CommandFailure {
    String cacheWord = given.has("n") ? "none" : given.last("t").orElse("writeback");
    CacheMode cache =
        CacheMode.of(cacheWord)
            .orElseThrow(() -> new CommandFailure("Invalid cache option: " + cacheWord));
    String discard = given.last("d").orElse("unmap");
    if (!DISCARD_WORDS.contains(discard)) {
      throw new CommandFailure("Invalid discard option: " + discard);
    }
    OpenMode mode = given.has("r") ? OpenMode.READ : OpenMode.WRITE;
    if (given.has("k")) {
      mode = mode.withAio(AioMode.NATIVE);
    }
    if (given.has("i")) {
      mode = mode.withAio(AioMode.of(given.last("i").orElseThrow()));
    }
    return mode.with(cache).with("discard", discard).sharing(given.has("U"));
  }

  /** The same image, opened in another way. */
  IoOpening with(ImageArgument image, OpenMode mode) {
    return new IoOpening(image, shownName, mode, snapshot, copyOnRead);
  }
}
