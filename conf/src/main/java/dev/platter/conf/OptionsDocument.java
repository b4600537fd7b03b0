package dev.platter.conf;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionType;
import dev.platter.api.spec.GenericOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Writes the reference of all options, as Markdown, from their declarations. */
public final class OptionsDocument {
  private static final String INTRODUCTION =
      """
      # Options

      This page is generated from the options' declarations; a test holds it to them.

      ## Option strings

      A drive is a list of `key=value`, separated by commas: `file=hd0.qcow2,if=virtio,l2-cache-size=4M`.

      - A comma in a value is written `,,`. Nothing else is special in a value.
      - A size is a number of bytes, decimal or `0x` hexadecimal, with an optional suffix of one letter out of
        `k M G T P E` (powers of 1024); with a suffix it may have a fraction: `2.5M`.
      - A flag is `on` or `off`; `yes`, `true`, `y` and `no`, `false`, `n` are understood. A key without a value is a flag
        that is `on`, with `no` before it one that is `off`; that form is deprecated.
      - `role.key` is about a node below: `file.locking=off`, `backing.l2-cache-size=1M`, `backing.file.filename=hd0.qcow2`,
        to any depth. `role=name` uses the node of that name; `backing=` means that there is no backing file.
      - `file=json:{...}` describes a node by a JSON object; other keys of the string win over what it says.
      - If a key is given twice, the last one counts. Unknown keys are refused; all mistakes are shown at once.
      - `help` or `help=on` makes `platter guest` print the keys; with `format`, those of that format;
        `format=help` the drivers.
      - *Not yet* stands with what is known and checked, and then refused with `not supported yet`: it is never ignored.
      - `@name` at the beginning stands for the keys of a [named drive](#site-defaults).

      `-blockdev` takes the same keys of nodes, as `key=value` or as a JSON object, and is stricter: every node names its
      driver, the top one its `node-name`, sizes have no suffix, and JSON values must have the right type.
      """;

  private final StringBuilder out = new StringBuilder(INTRODUCTION);
  private final DriverLookup drivers;

  private OptionsDocument(DriverLookup drivers) {
    this.drivers = drivers;
  }

  /** The page, for these drivers; it ends with a line feed. */
  public static String write(DriverLookup drivers) {
    OptionsDocument document = new OptionsDocument(drivers);
    document.writeDrive();
    document.writeNodes();
    drivers.all().forEach(document::writeDriver);
    document.writeSite();
    return document.out.toString();
  }

  private void writeDrive() {
    heading("Keys of a drive");
    writeTable(DriveKeys.SCHEMA.options());
    line("");
    line("The words of `cache`:");
    line("");
    line("| `cache=` | `cache.writeback` | `cache.direct` | `cache.no-flush` |");
    line("|---|---|---|---|");
    for (CacheMode mode : CacheMode.values()) {
      String flags =
          mode.flags().values().stream()
              .map(flag -> flag.asText())
              .collect(Collectors.joining(" | "));
      line("| `%s` | %s |".formatted(mode.word(), flags));
    }
    line("");
    line(
        "Throttling keys, each a number without a suffix, but for the group: drives that name the"
            + " same one share the limits of the drive that was opened last. A group without limits"
            + " limits nothing.");
    line("");
    line("| key | older name |");
    line("|---|---|");
    Throttling.ALIASES.forEach((older, key) -> line("| `%s` | `%s` |".formatted(key, older)));
    line("| `throttling.{bps,iops}-{total,read,write}-max-length` | |");
    line("");
    line("`stats-intervals.N` (seconds, for each N): *not yet*.");
  }

  private void writeNodes() {
    heading("Keys of every node");
    line("They hold for the top node of a drive, and with a role before them for the nodes below.");
    line("");
    writeTable(GenericOptions.SCHEMA.options());
  }

  private void writeDriver(BlockDriverProvider driver) {
    heading("%s `%s`".formatted(kind(driver), driver.name()));
    line(driver.description());
    driver
        .numberedRole()
        .ifPresent(
            role -> {
              line("");
              line("Nodes below: `%1$s.0`, `%1$s.1` and so on.".formatted(role));
            });
    if (!driver.childRoles().isEmpty()) {
      line("");
      line(
          "Nodes below: "
              + driver.childRoles().stream()
                  .sorted()
                  .map(role -> "`" + role + "`" + notYet(driver.unsupportedRoles().contains(role)))
                  .collect(Collectors.joining(", "))
              + ".");
    }
    writeOptions(driver.options(), "");
    writeOptions(driver.createOptions(), "When an image is created:");
  }

  private void writeOptions(OptionSchema schema, String title) {
    if (schema.options().isEmpty()) {
      return;
    }
    line("");
    if (!title.isEmpty()) {
      line(title);
      line("");
    }
    writeTable(schema.options());
  }

  private static String kind(BlockDriverProvider driver) {
    return switch (driver) {
      case FormatDriverProvider format -> "Format";
      case ProtocolDriverProvider protocol -> "Protocol";
      case FilterDriverProvider filter -> "Filter";
    };
  }

  private void writeSite() {
    heading("Site defaults");
    line("What holds unless an option string says otherwise, from the weakest to the strongest:");
    line("built-in, the shipped [platter.properties](../conf/platter.properties), the file that");
    line("`PLATTER_CONF` names, the environment (`PLATTER_WORKERS` for `workers`), and");
    line("`-Dplatter.workers=...`. `platter conf show` says where each value comes from.");
    line("");
    line(
        "`platter guest`, `platter cache` and programs that embed Platter follow all keys."
            + " `platter");
    line(
        "img` and `platter io` follow `gate`, `gate-folders`, `chain-depth` and `cache-budget`"
            + " alone:");
    line("what they do beside that follows from their command line, as with QEMU's programs.");
    line("");
    line("| key | values | default | what it does | since |");
    line("|---|---|---|---|---|");
    SiteKeys.FOR_ALL_DRIVERS.forEach(this::writeDriverDefault);
    SiteKeys.SCHEMA.options().forEach(this::writeRow);
    line(
        "| `driver.NAME.OPTION` | the option's | the driver's | The default of any option of the"
            + " driver NAME. | Platter |");
    line(
        "| `drive.NAME.KEY` | the key's | none | A key of the drive that `@NAME` stands for. |"
            + " Platter |");
  }

  /** A key that is the default of one option of all drivers that have it. */
  private void writeDriverDefault(String key) {
    List<String> names = new ArrayList<>();
    for (BlockDriverProvider driver : drivers.all()) {
      driver.options().find(key).ifPresent(option -> names.add("`" + driver.name() + "`"));
    }
    drivers.all().stream()
        .flatMap(driver -> driver.options().find(key).stream())
        .findFirst()
        .ifPresent(
            option ->
                line(
                    "| `%s` | %s | %s | The default of that option, for every driver that has it: %s. | Platter |"
                        .formatted(
                            key, values(option), defaultText(option), String.join(", ", names))));
  }

  private void writeTable(List<Option<?>> options) {
    line("| key | values | default | what it does | since |");
    line("|---|---|---|---|---|");
    options.forEach(this::writeRow);
  }

  private void writeRow(Option<?> option) {
    String conflicts =
        option.conflicts().isEmpty()
            ? ""
            : " Not together with "
                + option.conflicts().stream()
                    .sorted()
                    .map(name -> "`" + name + "`")
                    .collect(Collectors.joining(", "))
                + ".";
    line(
        "| `%s` | %s | %s | %s%s | %s |"
            .formatted(
                option.name(),
                values(option),
                defaultText(option),
                cell(option.doc()),
                conflicts,
                option.since()));
  }

  private static String defaultText(Option<?> option) {
    return option.defaultText().isEmpty() ? "none" : cell(option.defaultText());
  }

  private static <T> String values(Option<T> option) {
    String type =
        switch (option.type()) {
          case OptionType.Flag flag -> "on, off";
          case OptionType.Number number -> "number" + range(number.minimum(), number.maximum());
          case OptionType.Size size -> "size" + range(size.minimum(), size.maximum());
          case OptionType.Text text -> "text";
          case OptionType.Choice<?> choice -> String.join(", ", choice.words());
        };
    List<T> refused =
        option.type().listed().stream().filter(value -> !option.supports(value)).toList();
    if (!option.supported() || refused.isEmpty()) {
      return type + notYet(!option.supported());
    }
    return type
        + "; *not yet:* "
        + refused.stream().map(option.type()::write).collect(Collectors.joining(", "));
  }

  private static String notYet(boolean unsupported) {
    return unsupported ? " (*not yet*)" : "";
  }

  private static String range(long minimum, long maximum) {
    if (maximum == Long.MAX_VALUE) {
      return minimum == 0 ? "" : String.format(Locale.ROOT, ", at least %d", minimum);
    }
    return String.format(Locale.ROOT, ", %d to %d", minimum, maximum);
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }

  private void heading(String title) {
    line("");
    line("## " + title);
    line("");
  }

  private void line(String text) {
    out.append(text).append('\n');
  }
}
