package dev.platter.tools.image;

import dev.platter.api.driver.ThrottleGroup;
import dev.platter.api.driver.ThrottleLimits;
import dev.platter.api.error.OptionException;
import dev.platter.tools.CommandFailure;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the properties of a {@code throttle-group}: limits, each by one of two names. */
final class ThrottleReader {
  private static final Pattern NAME =
      Pattern.compile(
          "(?:x-|limits\\.)((?:bps|iops)-(?:total|read|write)(?:-max(?:-length)?)?|iops-size)");
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");
  private static final Set<String> COMMON = Set.of("qom-type", "id");

  private ThrottleReader() {}

  /**
   * Makes the group.
   *
   * @param properties by name, those that all objects have among them
   */
  static ThrottleGroup read(Map<String, String> properties) throws CommandFailure {
    Map<String, Long> numbers = new LinkedHashMap<>();
    for (Map.Entry<String, String> property : properties.entrySet()) {
      if (!COMMON.contains(property.getKey())) {
        numbers.put(limit(property.getKey()), number(property.getKey(), property.getValue()));
      }
    }
    try {
      return new ThrottleGroup(ThrottleLimits.of(numbers));
    } catch (OptionException e) {
      throw new CommandFailure(e.problems().getFirst().message()).causedBy(e);
    }
  }

  private static String limit(String name) throws CommandFailure {
    var matcher = NAME.matcher(name);
    if (!matcher.matches()) {
      throw new CommandFailure("Parameter '%s' is unexpected".formatted(name));
    }
    return matcher.group(1);
  }

  private static long number(String name, String text) throws CommandFailure {
    if (!NUMBER.matcher(text).matches()) {
      throw new CommandFailure("Parameter '%s' expects integer".formatted(name));
    }
    long number = Long.parseLong(text);
    if (number < 0) {
      throw new CommandFailure("Property values cannot be negative");
    }
    return number;
  }
}
