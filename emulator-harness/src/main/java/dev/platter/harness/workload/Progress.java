package dev.platter.harness.workload;

import java.time.Duration;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * How far a running workload is.
 *
 * @param elapsed since its start
 * @param done the share that is done, 0 to 1; empty if nothing ends it
 * @param readsPerSecond requests completed each second, since the last report
 * @param writesPerSecond requests completed each second, since the last report
 * @param bytesPerSecond moved each second, since the last report
 */
public record Progress(
    Duration elapsed,
    OptionalDouble done,
    double readsPerSecond,
    double writesPerSecond,
    double bytesPerSecond) {

  /** One line for a terminal. */
  public String toLine() {
    String share =
        done.isPresent()
            ? String.format(Locale.ROOT, "%3.0f%%", 100 * done.getAsDouble())
            : String.format(Locale.ROOT, "%4.1fs", elapsed.toMillis() / 1000.0);
    return "%s  read %s IOPS  write %s IOPS  %s/s"
        .formatted(
            share,
            ResultText.count(readsPerSecond),
            ResultText.count(writesPerSecond),
            ResultText.bytes(bytesPerSecond));
  }
}
