package dev.platter.tools.img;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.OptionValues;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.OptionParts;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The options of {@code amend -o} for images of one format. */
final class AmendOptions {
  private final FormatDriverProvider driver;

  /**
   * Options of one format.
   *
   * @throws CommandFailure if there is no such format, or its images cannot be amended
   */
  AmendOptions(DriverLookup drivers, String format) throws CommandFailure {
    Optional<BlockDriverProvider> found = drivers.find(format);
    if (found.isEmpty()) {
      throw new CommandFailure("Unknown file format '" + format + "'");
    }
    if (!(found.get() instanceof FormatDriverProvider provider)
        || provider.amendOptions().options().isEmpty()) {
      throw new CommandFailure(
          "Format driver '%s' does not support option amendment".formatted(format));
    }
    this.driver = provider;
  }

  /** What {@code -o help} prints. */
  String help() {
    Map<String, String> lines = new TreeMap<>();
    for (Option<?> option : driver.amendOptions().options()) {
      lines.put(
          option.name(), CreateHelp.line(option.name(), CreateHelp.typeOf(option), option.doc()));
    }
    return "Amend options for '%s':\n".formatted(driver.name()) + String.join("", lines.values());
  }

  /**
   * Reads what {@code -o} says.
   *
   * @param texts each {@code -o}
   */
  OptionValues parse(List<String> texts) throws CommandFailure {
    Map<String, OptionValue> given = new LinkedHashMap<>();
    for (String text : texts) {
      for (String part : OptionParts.split(text)) {
        int equals = part.indexOf('=');
        boolean off = equals < 0 && part.startsWith("no");
        String name = off ? part.substring(2) : equals < 0 ? part : part.substring(0, equals);
        if (!known(name)) {
          throw unknown(name);
        }
        String shortForm = off ? "off" : "on";
        given.put(name, OptionValue.of(equals < 0 ? shortForm : part.substring(equals + 1)));
      }
    }
    try {
      return driver.amendOptions().read("Block format '" + driver.name() + "'", given);
    } catch (OptionException e) {
      throw refusal(e);
    }
  }

  private boolean known(String name) {
    return driver.amendOptions().find(name).isPresent();
  }

  private CommandFailure unknown(String name) {
    CommandFailure failure = new CommandFailure("Invalid parameter '" + name + "'");
    return driver.createOptions().find(name).isPresent()
        ? failure.withHint("This option is only supported for image creation\n")
        : failure;
  }

  private static CommandFailure refusal(OptionException e) {
    OptionProblem problem = e.problems().getFirst();
    return problem.key().equals("compat")
        ? new CommandFailure("Unknown compatibility level " + problem.found()).causedBy(e)
        : CreateOptions.failure(e);
  }
}
