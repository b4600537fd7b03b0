package dev.platter.conf;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.spec.GenericOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What an option string with {@code help} or {@code help=on} in it is answered with. */
public final class DriveHelp {
  private static final String HELP = "help";

  private DriveHelp() {}

  /**
   * The options that a drive takes, by their declarations: its own, those of every node, and those
   * of the drivers it may have.
   *
   * @param optionString its {@code format} says whose options are listed; without it, those of all
   *     formats are
   * @return whole lines; with {@code format=help}, the drivers' names; empty if the string does not
   *     ask for help
   */
  public static Optional<String> of(String optionString, DriverLookup drivers) {
    List<Entry> entries = OptionString.scan(SourceText.of(optionString), 0, new ArrayList<>());
    if (entries.stream().anyMatch(DriveHelp::asksForFormats)) {
      String names =
          drivers.all().stream()
              .map(BlockDriverProvider::name)
              .sorted()
              .collect(Collectors.joining(" "));
      return Optional.of("Supported formats: " + names + "\n");
    }
    if (entries.stream().noneMatch(DriveHelp::asks)) {
      return Optional.empty();
    }
    List<String> formats =
        entries.stream()
            .filter(
                entry ->
                    DriveParser.ALIASES.getOrDefault(entry.key(), "").equals("driver")
                        || entry.key().equals("driver"))
            .map(Entry::text)
            .toList();
    StringBuilder text = new StringBuilder();
    section(text, "Options of a drive", DriveKeys.SCHEMA);
    section(text, "Options of every node", GenericOptions.SCHEMA);
    for (BlockDriverProvider driver : drivers.all()) {
      boolean listed =
          formats.isEmpty()
              ? driver instanceof FormatDriverProvider
              : formats.contains(driver.name());
      if (listed) {
        section(text, "Options of " + driver.name(), driver.options());
      }
    }
    return Optional.of(text.toString());
  }

  /** Whether {@code format=help} is written, which lists the drivers. */
  private static boolean asksForFormats(Entry entry) {
    return entry.key().equals(DriveKeys.FORMAT.name())
        && (entry.text().equals(HELP) || entry.text().equals("?"));
  }

  private static boolean asks(Entry entry) {
    return entry.key().equals(HELP)
        && (entry.form() == Entry.Form.SHORT || OnOff.isOn(entry.text()));
  }

  private static void section(StringBuilder text, String title, OptionSchema schema) {
    Map<String, Option<?>> sorted = new TreeMap<>();
    schema.options().forEach(option -> sorted.put(option.name(), option));
    text.append(title).append(":\n");
    for (Option<?> option : sorted.values()) {
      String without = option.defaultText();
      text.append(
          "  %-32s - %s%s\n"
              .formatted(
                  option.name() + "=<" + option.type().label() + ">",
                  option.doc(),
                  without.isEmpty() ? "" : " (default: " + without + ")"));
    }
  }
}
