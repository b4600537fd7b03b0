package dev.platter.tools.img;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionSchema;
import dev.platter.api.option.OptionType;
import dev.platter.api.option.OptionValue;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.OptionParts;
import dev.platter.tools.image.ErrorText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The options of {@code -o} for a new image: the format's own, those of the file that holds it, and
 * the ones that every image takes, {@code size}, {@code backing_file} and {@code backing_fmt}.
 */
final class CreateOptions {
  static final String SIZE = "size";
  static final String BACKING_FILE = "backing_file";
  static final String BACKING_FORMAT = "backing_fmt";
  static final String PREALLOCATION = "preallocation";

  private static final String FILE = "file";

  private final FormatDriverProvider driver;
  private final OptionSchema fileOptions;
  private final Map<String, String> given = new LinkedHashMap<>();

  /**
   * Options of one format.
   *
   * @throws CommandFailure if there is no such format, or it cannot be created
   */
  CreateOptions(DriverLookup drivers, String format) throws CommandFailure {
    Optional<BlockDriverProvider> found = drivers.find(format);
    if (found.isEmpty()) {
      throw new CommandFailure("Unknown file format '" + format + "'");
    }
    if (!(found.get() instanceof FormatDriverProvider provider)
        || provider.createOptions().options().isEmpty()) {
      throw new CommandFailure("Format driver '" + format + "' does not support image creation");
    }
    this.driver = provider;
    this.fileOptions =
        OptionSchema.of(
            drivers.find(FILE).map(BlockDriverProvider::createOptions).stream()
                .flatMap(schema -> schema.options().stream())
                .filter(option -> provider.createOptions().find(option.name()).isEmpty())
                .toArray(Option<?>[]::new));
  }

  /** The format. */
  FormatDriverProvider driver() {
    return driver;
  }

  /** The options of the file that are not the format's as well. */
  OptionSchema fileOptions() {
    return fileOptions;
  }

  /** Whether images of this format name a backing file. */
  boolean supportsBacking() {
    return driver.childRoles().contains("backing");
  }

  /** Whether {@code preallocation} is to QEMU an option of the file, not of the format. */
  boolean protocolReserves() {
    return driver.name().equals("raw") || driver.name().equals("luks");
  }

  /** The option as it was given. */
  Optional<String> find(String name) {
    return Optional.ofNullable(given.get(name));
  }

  /** Those that name secrets: who opens the new image needs them, too. */
  Map<String, String> keySecrets() {
    Map<String, String> secrets = new LinkedHashMap<>();
    given.forEach(
        (name, value) -> {
          if (name.endsWith("key-secret")) {
            secrets.put(name, value);
          }
        });
    return secrets;
  }

  /** Gives a value to an option. */
  void put(String name, String value) {
    given.put(name, value);
  }

  /**
   * Reads what {@code -o} says.
   *
   * @param texts each {@code -o}
   * @throws CommandFailure for an option that the format does not have, or a value it cannot take
   */
  void parse(List<String> texts) throws CommandFailure {
    for (String text : texts) {
      for (String part : OptionParts.split(text)) {
        int equals = part.indexOf('=');
        boolean shortForm = equals < 0;
        boolean off = shortForm && part.startsWith("no");
        String name = shortForm ? (off ? part.substring(2) : part) : part.substring(0, equals);
        if (!known(name)) {
          throw new CommandFailure("Invalid parameter '" + name + "'");
        }
        put(name, shortForm ? (off ? "off" : "on") : part.substring(equals + 1));
      }
    }
    for (Map.Entry<String, String> option : given.entrySet()) {
      check(option.getKey(), option.getValue());
    }
  }

  /**
   * Whether an option list asks for help.
   *
   * @throws CommandFailure if it begins or ends with a comma, or is empty
   */
  static boolean asksForHelp(List<String> texts) throws CommandFailure {
    boolean help = false;
    for (String text : texts) {
      if (text.isEmpty() || text.startsWith(",") || endsWithSingleComma(text)) {
        throw new CommandFailure("Invalid option list: " + text);
      }
      help |=
          OptionParts.split(text).stream()
              .anyMatch(part -> part.equals("help") || part.equals("?"));
    }
    return help;
  }

  private static boolean endsWithSingleComma(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ',') {
      end--;
    }
    return (text.length() - end) % 2 == 1;
  }

  private boolean known(String name) {
    return name.equals(SIZE)
        || (supportsBacking() && (name.equals(BACKING_FILE) || name.equals(BACKING_FORMAT)))
        || option(name).isPresent();
  }

  /** The option of this name, the format's or the file's. */
  Optional<Option<?>> option(String name) {
    return driver.createOptions().find(name).or(() -> fileOptions.find(name));
  }

  private void check(String name, String value) throws CommandFailure {
    Option<?> option =
        name.equals(SIZE)
            ? Option.size(SIZE).build()
            : option(name).orElseGet(() -> Option.text(name).build());
    if (option.type() instanceof OptionType.Choice<?>) {
      return; // the format says so itself, after the line that says what is made
    }
    try {
      option.type().read(name, OptionValue.of(value));
    } catch (OptionException e) {
      throw failure(e);
    }
  }

  /** An option's refusal as a command reports it. */
  static CommandFailure failure(OptionException refusal) {
    return new CommandFailure(refusal.problems().getFirst().message())
        .withHint(ErrorText.hint(refusal))
        .causedBy(refusal);
  }

  /** The format's own options, for its driver. */
  Map<String, OptionValue> formatOptions() {
    return among(driver.createOptions());
  }

  /** The options of the format and of the file, for who makes both. */
  Map<String, OptionValue> imageOptions() {
    return among(driver.createOptions().and(fileOptions));
  }

  private Map<String, OptionValue> among(OptionSchema schema) {
    Map<String, OptionValue> options = new LinkedHashMap<>();
    given.forEach(
        (name, value) -> {
          if (schema.find(name).isPresent()) {
            options.put(name, OptionValue.of(value));
          }
        });
    return options;
  }
}
