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
          new Refused("copy-on-read", OnOff::isOn),
          new Refused("aio", value -> !value.equals("threads")),
          new Refused("stats-account-invalid", OnOff::isOff),
          new Refused("stats-account-failed", OnOff::isOff),
          new Refused("stats-intervals", value -> true),
          new Refused("throttling", value -> !value.equals("0")),
          new Refused("cache-budget", value -> true));

  private NotYetSupported() {}

  /**
   * Values of an option.
   *
   * @param key the option, or what stands before the dot in the names of several
   * @param values which of its valid values are refused
   */
  private record Refused(String key, Predicate<String> values) {
    boolean matches(String name, String value) {
      return (name.equals(key) || name.startsWith(key + ".")) && values.test(value);
    }
  }

  /** Whether a valid value of the option has to be refused. */
  static boolean refuses(String key, String value) {
    return ALL.stream().anyMatch(refused -> refused.matches(key, value));
  }

  /** The refusal's words. */
  static String message(String key, String value) {
    return "not supported yet: %s=%s".formatted(key, value);
  }
}
