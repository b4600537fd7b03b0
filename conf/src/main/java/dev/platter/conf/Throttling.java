package dev.platter.conf;

import dev.platter.api.driver.ThrottleLimits;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionType;
import dev.platter.api.option.OptionValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The limits of a drive: six buckets, each with a rate ({@code throttling.bps-total}), a burst rate
 * ({@code -max}) and how long a burst may last ({@code -max-length}).
 */
final class Throttling {
  /** The older names. */
  static final Map<String, String> ALIASES = aliases();

  static final String GROUP = "throttling.group";
  static final String IOPS_SIZE = "throttling.iops-size";
  static final String PREFIX = "throttling.";
  private static final List<String> KINDS = List.of("bps", "iops");
  private static final List<String> DIRECTIONS = List.of("total", "read", "write");

  private final Problems problems;
  private final Map<String, Entry> entries = new LinkedHashMap<>();
  private final Map<String, Long> numbers = new LinkedHashMap<>();

  private Throttling(Problems problems) {
    this.problems = problems;
  }

  private static Map<String, String> aliases() {
    Map<String, String> aliases = new LinkedHashMap<>();
    Map<String, String> directions = new LinkedHashMap<>();
    directions.put("", "-total");
    directions.put("_rd", "-read");
    directions.put("_wr", "-write");
    for (String kind : List.of("bps", "iops")) {
      directions.forEach(
          (old, direction) -> {
            aliases.put(kind + old, "throttling." + kind + direction);
            aliases.put(kind + old + "_max", "throttling." + kind + direction + "-max");
          });
    }
    aliases.put("iops_size", "throttling.iops-size");
    aliases.put("group", "throttling.group");
    return aliases;
  }

  /** Whether the key, without aliases, is one of these. */
  static boolean has(String key) {
    return key.equals(GROUP) || key.equals(IOPS_SIZE) || isRate(key);
  }

  private static boolean isRate(String key) {
    return KINDS.stream()
        .flatMap(kind -> DIRECTIONS.stream().map(direction -> PREFIX + kind + "-" + direction))
        .anyMatch(
            rate ->
                key.equals(rate) || key.equals(rate + "-max") || key.equals(rate + "-max-length"));
  }

  /**
   * Takes the throttling keys out of {@code all} and checks them, each and together.
   *
   * @param all entries by key, without aliases
   * @return the limits; empty if there are none, or if something is wrong
   */
  static Optional<DriveThrottling> take(Map<String, Entry> all, Problems problems) {
    Throttling throttling = new Throttling(problems);
    all.entrySet()
        .removeIf(
            pair -> {
              if (has(pair.getKey())) {
                throttling.entries.put(pair.getKey(), pair.getValue());
                return true;
              }
              return false;
            });
    return throttling.read();
  }

  private Optional<DriveThrottling> read() {
    boolean valid = true;
    for (Map.Entry<String, Entry> pair : entries.entrySet()) {
      valid &= pair.getKey().equals(GROUP) || readNumber(pair.getKey(), pair.getValue());
    }
    return valid ? readTogether() : Optional.empty();
  }

  private boolean readNumber(String key, Entry entry) {
    boolean isLength = key.endsWith("-max-length");
    OptionType.Number type =
        new OptionType.Number(
            0,
            isLength ? Long.MAX_VALUE : ThrottleLimits.MAXIMUM,
            isLength
                ? Optional.empty()
                : Optional.of(
                    "bps/iops/max values must be within [0, %d]"
                        .formatted(ThrottleLimits.MAXIMUM)));
    try {
      numbers.put(key, type.read(key, OptionValue.of(entry.text())));
      return true;
    } catch (OptionException e) {
      problems.value(
          entry,
          e.problems().getFirst().message(),
          "a whole number, without a suffix",
          Optional.empty());
      return false;
    }
  }

  private Optional<DriveThrottling> readTogether() {
    Map<String, Long> numbersByName = new LinkedHashMap<>();
    numbers.forEach((key, number) -> numbersByName.put(key.substring(PREFIX.length()), number));
    try {
      ThrottleLimits limits = ThrottleLimits.of(numbersByName);
      return limits.limited()
          ? Optional.of(
              new DriveThrottling(limits, Optional.ofNullable(entries.get(GROUP)).map(Entry::text)))
          : Optional.empty();
    } catch (OptionException e) {
      OptionProblem problem = e.problems().getFirst();
      problems.key(entries.get(PREFIX + problem.key()), problem.message());
      return Optional.empty();
    }
  }
}
