package dev.platter.tools.image;

import java.util.Optional;

/**
 * An image as a command line names it.
 *
 * @param text a file name; with {@code imageOpts}, an option string
 * @param format the format to open it as; empty to find it by looking
 * @param imageOpts whether {@code text} is an option string: {@code driver=qcow2,file.filename=a}
 */
public record ImageArgument(String text, Optional<String> format, boolean imageOpts) {
  /** An image by its file name. */
  public static ImageArgument file(String name, Optional<String> format) {
    return new ImageArgument(name, format, false);
  }
}
