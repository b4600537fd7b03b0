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
  private static final String PREFIX = "throttling.";
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
   */
  static void take(Map<String, Entry> all, Problems problems) {
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
    throttling.check();
  }

  private void check() {
    boolean valid = true;
    for (Map.Entry<String, Entry> pair : entries.entrySet()) {
      valid &= pair.getKey().equals(GROUP) || readNumber(pair.getKey(), pair.getValue());
    }
    if (valid && checkTogether()) {
      entries.forEach(
          (key, entry) -> {
            if (key.equals(GROUP) || isSet(key)) {
              problems.add(
                  OptionProblem.notSupportedYet(
                      entry.key(), entry.text(), key.equals(GROUP) ? "" : "0"),
                  entry.valuePlace());
            }
          });
    }
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

  private boolean checkTogether() {
    Map<String, Long> limits = new LinkedHashMap<>();
    numbers.forEach((key, number) -> limits.put(key.substring(PREFIX.length()), number));
    return ThrottleLimits.problem(limits)
        .map(problem -> refuse(PREFIX + problem.key(), problem.message()))
        .orElse(true);
  }

  private boolean refuse(String key, String message) {
    problems.key(entries.get(key), message);
    return false;
  }

  private boolean isSet(String key) {
    return numbers.getOrDefault(key, 0L) != 0;
  }
}
