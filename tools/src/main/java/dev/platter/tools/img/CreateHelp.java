package dev.platter.tools.img;

import dev.platter.api.option.Option;
import dev.platter.api.option.OptionType;
import java.util.Map;
import java.util.TreeMap;

/** What {@code -o help} prints. */
final class CreateHelp {
  private CreateHelp() {}

  /**
   * The options of a format, by name.
   *
   * @param hasFileName whether a file name is given, whose protocol's options would be listed too
   */
  static String text(CreateOptions options, boolean hasFileName) {
    Map<String, String> lines = new TreeMap<>();
    lines.put(CreateOptions.SIZE, line(CreateOptions.SIZE, "size", "Virtual disk size"));
    if (options.supportsBacking()) {
      lines.put(
          CreateOptions.BACKING_FILE,
          line(CreateOptions.BACKING_FILE, "str", "File name of a base image"));
      lines.put(
          CreateOptions.BACKING_FORMAT,
          line(CreateOptions.BACKING_FORMAT, "str", "Image format of the base image"));
    }
    for (Option<?> option : options.driver().createOptions().options()) {
      lines.put(option.name(), line(option.name(), typeOf(option), option.doc()));
    }
    if (hasFileName) {
      for (Option<?> option : options.fileOptions().options()) {
        lines.put(option.name(), line(option.name(), typeOf(option), option.doc()));
      }
    } else if (options.protocolReserves()) {
      lines.remove(CreateOptions.PREALLOCATION);
    }
    StringBuilder text = new StringBuilder("Supported ");
    text.append(hasFileName ? "" : options.driver().name() + " ").append("options:\n");
    lines.values().forEach(text::append);
    if (!hasFileName) {
      text.append(
          """

          The protocol level may support further options.
          Specify the target filename to include those options.
          """);
    }
    return text.toString();
  }

  static String line(String name, String type, String doc) {
    return "  %-22s - %s\n".formatted(name + "=<" + type + ">", doc);
  }

  static String typeOf(Option<?> option) {
    return switch (option.type()) {
      case OptionType.Flag flag -> "bool (on/off)";
      case OptionType.Number number -> "num";
      case OptionType.Size size -> "size";
      case OptionType.Text text -> "str";
      case OptionType.Choice<?> choice -> "str";
    };
  }
}
