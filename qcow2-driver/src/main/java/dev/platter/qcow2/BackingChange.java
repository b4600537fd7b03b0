package dev.platter.qcow2;

import dev.platter.api.BackingReference;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Makes the header of an image that nobody uses meanwhile name another backing file. */
final class BackingChange {
  private static final int MAXIMUM_FORMAT_NAME_BYTES = 15;

  private BackingChange() {}

  /**
   * Writes the header, durably.
   *
   * @param backing what it shall name; empty for no backing file
   * @throws BlockIoException with ENOSPC if there is no room for it, with EINVAL if a name is too
   *     long; nothing has changed then
   */
  static void write(FormatOpening opening, Optional<BackingReference> backing) throws IOException {
    if (backing.isPresent()) {
      check(opening.imageName(), backing.get());
    }
    ImageFile file = new ImageFile(opening.file());
    Qcow2Header header = HeaderCodec.decode(opening.imageName(), file);
    List<HeaderExtension> extensions = new ArrayList<>(header.extensions());
    extensions.removeIf(HeaderExtension.BackingFormat.class::isInstance);
    backing
        .flatMap(BackingReference::formatName)
        .ifPresent(format -> extensions.add(new HeaderExtension.BackingFormat(format)));
    extensions.sort(Comparator.comparingInt(BackingChange::rank));
    HeaderRewrite.write(
        opening.imageName(),
        file,
        header
            .withBackingFileName(backing.map(BackingReference::fileName))
            .withExtensions(extensions));
  }

  private static void check(String imageName, BackingReference backing) throws BlockIoException {
    int formatBytes = backing.formatName().map(BackingChange::bytes).orElse(0);
    if (bytes(backing.fileName()) > HeaderCodec.MAXIMUM_BACKING_NAME_BYTES
        || formatBytes > MAXIMUM_FORMAT_NAME_BYTES) {
      throw new BlockIoException(imageName, "name the backing file", Errno.EINVAL);
    }
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  /** The order in which QEMU writes extensions; unknown ones are last, as they stood. */
  private static int rank(HeaderExtension extension) {
    return switch (extension) {
      case HeaderExtension.BackingFormat _ -> 0;
      case HeaderExtension.DataFile _ -> 1;
      case HeaderExtension.CryptoHeader _ -> 2;
      case HeaderExtension.FeatureNames _ -> 3;
      case HeaderExtension.Bitmaps _ -> 4;
      case HeaderExtension.Unknown _ -> 5;
    };
  }
}
