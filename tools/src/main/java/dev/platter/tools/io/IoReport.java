package dev.platter.tools.io;

import dev.platter.tools.text.Sizes;
import java.util.Locale;

/** What is said about a request that succeeded: how much, and how fast. */
final class IoReport {
  private static final double NANOS_PER_SECOND = 1e9;
  private static final long SECONDS_PER_HOUR = 3600;
  private static final long SECONDS_PER_MINUTE = 60;

  private IoReport() {}

  /**
   * The report of one request.
   *
   * @param done what was done: {@code read}, {@code wrote}
   * @param nanos how long it took
   * @param terse whether as one line of numbers
   * @return whole lines
   */
  static String of(String done, long offset, long length, long nanos, boolean terse) {
    double seconds = nanos / NANOS_PER_SECOND;
    double bytesPerSecond = length / seconds;
    double requestsPerSecond = 1 / seconds;
    if (terse) {
      return String.format(
          Locale.ROOT,
          "%d,1,%s,%.3f,%.3f\n",
          length,
          time(nanos, true),
          bytesPerSecond,
          requestsPerSecond);
    }
    return String.format(
        Locale.ROOT,
        "%s %d/%d bytes at offset %d\n%s, 1 ops; %s (%s/sec and %.4f ops/sec)\n",
        done,
        length,
        length,
        offset,
        Sizes.exact(length),
        time(nanos, false),
        Sizes.exact(bytesPerSecond),
        requestsPerSecond);
  }

  /** A time: {@code 00.01 sec}; from a second on, and if asked for, {@code 0:00:01.25}. */
  private static String time(long nanos, boolean withHours) {
    long seconds = nanos / (long) NANOS_PER_SECOND;
    double fraction = (nanos % (long) NANOS_PER_SECOND) / NANOS_PER_SECOND;
    if (seconds == 0 && !withHours) {
      return String.format(Locale.ROOT, "%05.2f sec", fraction);
    }
    return String.format(
        Locale.ROOT,
        "%d:%02d:%05.2f",
        seconds / SECONDS_PER_HOUR,
        seconds % SECONDS_PER_HOUR / SECONDS_PER_MINUTE,
        seconds % SECONDS_PER_MINUTE + fraction);
  }
}
