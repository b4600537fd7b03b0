package dev.platter.conf;

import java.util.List;
import java.util.function.Predicate;

/**
 * What is read and checked, and then refused, because nothing does it yet. This is the only list of
 * such values; drivers refuse their own.
 */
final class NotYetSupported {
  private static final List<Refused> ALL =
      List.of(
          new Refused("copy-on-read", "`copy-on-read=on`", OnOff::isOn),
          new Refused("aio", "`aio=native` and `aio=io_uring`", value -> !value.equals("threads")),
          new Refused("throttling", "throttling, with any limit", value -> !value.equals("0")),
          new Refused("stats-account-invalid", "`stats-account-invalid=off`", OnOff::isOff),
          new Refused("stats-account-failed", "`stats-account-failed=off`", OnOff::isOff),
          new Refused("stats-intervals", "`stats-intervals.N`", value -> true),
          new Refused("cache-budget", "the site key `cache-budget`", value -> true));

  private NotYetSupported() {}

  /**
   * Values of an option.
   *
   * @param key the option, or what stands before the dot in the names of several
   * @param description the values, in Markdown
   * @param values which of its valid values are refused
   */
  private record Refused(String key, String description, Predicate<String> values) {
    boolean matches(String name, String value) {
      return (name.equals(key) || name.startsWith(key + ".")) && values.test(value);
    }
  }

  /** Whether a valid value of the option has to be refused. */
  static boolean refuses(String key, String value) {
    return ALL.stream().anyMatch(refused -> refused.matches(key, value));
  }

  /** What is refused, one by one, in Markdown. */
  static List<String> descriptions() {
    return ALL.stream().map(Refused::description).toList();
  }

  /** The refusal's words. */
  static String message(String key, String value) {
    return "not supported yet: %s=%s".formatted(key, value);
  }
}
