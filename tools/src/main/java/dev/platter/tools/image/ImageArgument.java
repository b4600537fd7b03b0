package dev.platter.tools.image;

import java.util.Optional;

/**
 * An image as a command line names it.
 *
 * @param text a file name; with {@code imageOpts}, an option string
 * @param format the format to open it as; empty to find it by looking
 * @param imageOpts whether {@code text} is an option string: {@code driver=qcow2,file.filename=a}
 * @param more an option string that comes on top of a file name
 */
public record ImageArgument(
    String text, Optional<String> format, boolean imageOpts, Optional<String> more) {

  /** An image without further options. */
  public ImageArgument(String text, Optional<String> format, boolean imageOpts) {
    this(text, format, imageOpts, Optional.empty());
  }

  /** An image by its file name, with options that come on top of what that says. */
  public static ImageArgument fileWith(String name, String options) {
    return new ImageArgument(name, Optional.empty(), false, Optional.of(options));
  }

  /** An image by its file name. */
  public static ImageArgument file(String name, Optional<String> format) {
    return new ImageArgument(name, format, false);
  }
}
