package dev.platter.conf;

import java.util.function.Predicate;

/**
 * What is read and checked, and then refused, because nothing does it yet. This is the only list of
 * such values; drivers refuse their own.
 */
enum NotYetSupported {
  COPY_ON_READ("copy-on-read", OnOff::isOn),
  AIO("aio", value -> !value.equals("threads")),
  STATS_ACCOUNT_INVALID("stats-account-invalid", OnOff::isOff),
  STATS_ACCOUNT_FAILED("stats-account-failed", OnOff::isOff),
  STATS_INTERVALS("stats-intervals", value -> true),
  THROTTLING("throttling", value -> !value.equals("0")),
  CACHE_BUDGET("cache-budget", value -> true);

  private final String key;
  private final Predicate<String> refused;

  NotYetSupported(String key, Predicate<String> refused) {
    this.key = key;
    this.refused = refused;
  }

  /** Whether a valid value of the option has to be refused. */
  static boolean refuses(String key, String value) {
    for (NotYetSupported one : values()) {
      if ((key.equals(one.key) || key.startsWith(one.key + ".")) && one.refused.test(value)) {
        return true;
      }
    }
    return false;
  }

  /** The refusal's words. */
  static String message(String key, String value) {
    return "not supported yet: %s=%s".formatted(key, value);
  }
}
