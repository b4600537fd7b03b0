package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.api.Permissions;
import dev.platter.conf.CacheMode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.Images;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.image.UserObjects;
import dev.platter.tools.site.SiteRules;
import java.io.IOException;
import java.util.Optional;

/** One run of a command: where it prints, and the images it has open. Closing it closes them. */
final class ImgSession implements AutoCloseable {
  private final Terminal terminal;
  private final Images images;
  private final UserObjects objects;

  /**
   * @param given where {@code --gate} and {@code --object} are looked for
   */
  ImgSession(Terminal terminal, Getopt.Parsed given) throws CommandFailure {
    this.terminal = terminal;
    SiteRules site = new SiteRules();
    this.objects = UserObjects.parse(given.all(UserObjects.OPTION));
    this.images =
        new Images(terminal.err(), "qemu-img", site.images(given.last(GateOption.NAME)), objects);
  }

  Terminal terminal() {
    return terminal;
  }

  Images images() {
    return images;
  }

  /** Opens an image. */
  OpenImage open(ImageArgument image, OpenMode mode) throws CommandFailure {
    return opening(image, () -> images.open(image, mode));
  }

  /** Opens an image without the filters that an option string puts before it. */
  OpenImage openBelowFilters(ImageArgument image, OpenMode mode) throws CommandFailure {
    return opening(image, () -> images.openBelowFilters(image, mode));
  }

  /** Opens an image that nobody may write to meanwhile, whatever its format. */
  OpenImage openAlone(ImageArgument image, OpenMode mode) throws CommandFailure {
    return opening(image, () -> images.open(image, mode, Permissions.LONE_TOOL));
  }

  /** Opens an image of which no guest byte is read: without its data file, and without a key. */
  OpenImage openToLook(ImageArgument image, OpenMode mode) throws CommandFailure {
    return opening(image, () -> images.open(image, mode, Permissions.NONE));
  }

  /** Opens the file that holds an image. */
  BlockNode openFile(ImageArgument image, OpenMode mode) throws CommandFailure {
    return opening(image, () -> images.openFile(image, mode));
  }

  /** What opens something. */
  @FunctionalInterface
  private interface Opening<T> {
    T open() throws IOException;
  }

  private static <T> T opening(ImageArgument image, Opening<T> opening) throws CommandFailure {
    try {
      return opening.open();
    } catch (IOException e) {
      throw ErrorText.failure("Could not open '" + image.text() + "': ", e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      images.close();
    } finally {
      objects.close();
    }
  }

  /**
   * The image that is a command's only operand.
   *
   * @param given where {@code -f} and {@code --image-opts} are looked for
   */
  static ImageArgument image(Getopt.Parsed given, String name) throws CommandFailure {
    Optional<String> format = given.last("f");
    boolean imageOpts = given.has("image-opts");
    if (imageOpts && format.isPresent()) {
      throw new CommandFailure("--image-opts and --format are mutually exclusive");
    }
    return new ImageArgument(name, format, imageOpts);
  }

  /** Whether {@code --output} asks for JSON. */
  static boolean json(Getopt.Parsed given) throws CommandFailure {
    String output = given.last("output").orElse("human");
    return switch (output) {
      case "json" -> true;
      case "human" -> false;
      default -> throw new CommandFailure("--output must be used with human or json as argument.");
    };
  }

  /** The cache mode that an option names. */
  static CacheMode cache(String word, String refusal) throws CommandFailure {
    return CacheMode.of(word).orElseThrow(() -> new CommandFailure(refusal));
  }
}
