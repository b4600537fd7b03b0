package dev.platter.tools.peer;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * How a command line opens an image: by its name or by options, perhaps through filters, or from a
 * file behind {@code blkdebug}, which passes everything on.
 *
 * @param objects what the options refer to, as further arguments
 * @param byOptions whether {@code text} is an option string
 * @param text the image
 * @param format the image's format
 */
record RandomView(String objects, boolean byOptions, String text, String format) {
  private static final List<String> SETTINGS =
      List.of(
          "overlap-check=all",
          "overlap-check=none",
          "lazy-refcounts=on",
          "lazy-refcounts=off",
          "l2-cache-size=16M",
          "l2-cache-entry-size=512",
          "pass-discard-request=off",
          "pass-discard-other=on",
          "discard=unmap");

  private static final String THROTTLE_GROUP = " --object throttle-group,id=g";

  /** The image itself. */
  static RandomView plain(RandomImage image) {
    return image.isEncrypted()
        ? withOptions(image, List.of(), "", false)
        : new RandomView("", false, image.path(), image.format());
  }

  /** The image itself, now and then with settings, or with its file behind {@code blkdebug}. */
  static RandomView draw(RandomImage image, Random random) {
    return random.nextInt(4) == 0
        ? withOptions(image, List.of(), setting(image, random), random.nextBoolean())
        : plain(image);
  }

  private static String setting(RandomImage image, Random random) {
    return image.isQcow2() && random.nextInt(3) > 0
        ? SETTINGS.get(random.nextInt(SETTINGS.size()))
        : "";
  }

  /** Now and then through a filter, or two. */
  static RandomView drawFiltered(RandomImage image, Random random) {
    if (random.nextInt(3) > 0) {
      return draw(image, random);
    }
    List<String> filters = new ArrayList<>();
    if (random.nextBoolean()) {
      filters.add("throttle");
    }
    if (random.nextBoolean() && !image.isEncrypted() && !image.hasSubclusters()) {
      filters.add("copy-on-read");
    }
    return withOptions(image, filters, setting(image, random), random.nextInt(3) == 0);
  }

  /** Through the filter that compresses what is written. */
  static RandomView compressing(RandomImage image) {
    return withOptions(image, List.of("compress"), "", false);
  }

  private static RandomView withOptions(
      RandomImage image, List<String> filters, String setting, boolean debugged) {
    StringBuilder options = new StringBuilder();
    String prefix = "";
    for (String filter : filters) {
      options.append(prefix).append("driver=").append(filter).append(',');
      if (filter.equals("throttle")) {
        options.append(prefix).append("throttle-group=g,");
      }
      prefix += "file.";
    }
    String objects =
        (image.isEncrypted() ? " " + RandomImage.SECRET : "")
            + (filters.contains("throttle") ? THROTTLE_GROUP : "");
    options.append(image.options(prefix, setting, debugged));
    return new RandomView(objects, true, options.toString(), image.format());
  }

  /** Whether requests go through a filter. */
  boolean isFiltered() {
    return byOptions && !text.startsWith("driver=" + format + ",");
  }

  /** Whether what is read is copied into the image. */
  boolean copiesOnRead() {
    return byOptions && text.contains("driver=copy-on-read,");
  }

  /** The last arguments of a command that takes {@code -f}. */
  String argument() {
    return byOptions ? objects + " --image-opts " + text : " -f " + format + " " + text;
  }

  /** The last arguments of a command that does not. */
  String argumentWithoutFormat() {
    return byOptions ? argument() : " " + text;
  }

  /** The arguments of {@code dd} that say what is read. */
  String input() {
    return byOptions ? objects + " --image-opts if=" + text : " -f " + format + " if=" + text;
  }
}
