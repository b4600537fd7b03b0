package dev.platter.tools.io;

import java.util.Map;

/**
 * Options of an image together with the name of its file, as {@code open -o OPTIONS NAME} has them.
 *
 * <p>The name goes down to the node that holds the bytes: through formats and filters to their
 * {@code file}, through {@code blkdebug} to its {@code image}. {@code blkdebug:CONFIG:FILE} names
 * two. Of {@code json:{...}} the options go before what it says.
 */
final class NamedOptions {
  private static final String DEBUG = "blkdebug";
  private static final String DEBUG_PREFIX = DEBUG + ":";
  private static final String JSON_PREFIX = "json:";

  private final Map<String, String> given;

  private NamedOptions(Map<String, String> given) {
    this.given = given;
  }

  /** One option string. */
  static String of(String name, String options) {
    String file =
        name.startsWith(JSON_PREFIX)
            ? "file=" + escaped(name)
            : new NamedOptions(OptionText.read(options)).below("", name);
    return file + "," + options;
  }

  /**
   * The options that hand the name to a node.
   *
   * @param prefix what stands before the node's options: {@code file.image.}
   */
  private String below(String prefix, String name) {
    String driver = given.getOrDefault(prefix + "driver", prefix.isEmpty() ? "" : "file");
    boolean protocol = driver.equals("file") || driver.startsWith("null-");
    if (driver.equals(DEBUG)) {
      return debugged(prefix, name);
    }
    if (!protocol) {
      return below(prefix + "file.", name);
    }
    return name.startsWith(DEBUG_PREFIX)
        ? prefix + "driver=" + DEBUG + "," + debugged(prefix, name)
        : prefix + "filename=" + escaped(name);
  }

  private String debugged(String prefix, String name) {
    int configEnd = name.startsWith(DEBUG_PREFIX) ? name.indexOf(':', DEBUG_PREFIX.length()) : 0;
    String config =
        configEnd > DEBUG_PREFIX.length()
            ? prefix + "config=" + escaped(name.substring(DEBUG_PREFIX.length(), configEnd)) + ","
            : "";
    String image = configEnd > 0 ? name.substring(configEnd + 1) : name;
    return config + below(prefix + "image.", image);
  }

  private static String escaped(String value) {
    return value.replace(",", ",,");
  }
}
