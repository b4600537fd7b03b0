package dev.platter.harness.workload;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/** Results as lines for people. */
final class ResultText {
  private static final double[] PERCENTILES = {1, 50, 90, 99, 99.9, 99.99};
  private static final String[] COUNT_UNITS = {"", "k", "M", "G"};
  private static final String[] BYTE_UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};

  private ResultText() {}

  static String of(WorkloadResult result) {
    Workload workload = result.workload();
    StringBuilder text = new StringBuilder();
    text.append(
        "%s: rw=%s, bs=%s, iodepth=%d, numjobs=%d%n"
            .formatted(
                workload.name(),
                workload.pattern().name().toLowerCase(Locale.ROOT),
                bytes(workload.blockBytes()),
                workload.ioDepth(),
                workload.jobCount()));
    direction(text, "read", result, result.reads());
    direction(text, "write", result, result.writes());
    if (workload.verify() != Verify.NONE) {
      text.append(
          "  verify: %d blocks, %d bad%n".formatted(result.checkedCount(), result.badCount()));
    }
    if (result.errorCount() > 0) {
      text.append("  errors: %d%n".formatted(result.errorCount()));
    }
    result.problems().forEach(problem -> text.append("  %s%n".formatted(problem)));
    return text.toString();
  }

  private static void direction(
      StringBuilder text, String name, WorkloadResult result, Tally tally) {
    if (tally.ioCount() == 0) {
      return;
    }
    text.append(
        "  %s: IOPS=%s, BW=%s/s (%s in %.1f s)%n"
            .formatted(
                name,
                count(result.perSecond(tally.ioCount())),
                bytes(result.perSecond(tally.byteCount())),
                bytes((double) tally.byteCount()),
                result.elapsed().toNanos() / 1e9));
    Histogram latencies = tally.latencies();
    text.append(
        "    lat (usec): min=%s, avg=%s, max=%s, stdev=%s%n"
            .formatted(
                micros((double) latencies.getMinValue()),
                micros(latencies.getMean()),
                micros((double) latencies.getMaxValue()),
                micros(latencies.getStdDeviation())));
    text.append("    lat percentiles (usec):");
    for (double percentile : PERCENTILES) {
      text.append(
          " %sth=%s"
              .formatted(
                  number("%.2f", percentile),
                  micros((double) latencies.getValueAtPercentile(percentile))));
    }
    text.append(System.lineSeparator());
  }

  private static String micros(double nanos) {
    return number(nanos < 100_000 ? "%.2f" : "%.0f", nanos / 1000);
  }

  /** A number of things in three digits or so: {@code 123k}. */
  static String count(double value) {
    return scaled(value, 1000, COUNT_UNITS);
  }

  /** A number of bytes: {@code 4KiB}. */
  static String bytes(double value) {
    return scaled(value, 1024, BYTE_UNITS);
  }

  private static String scaled(double value, int base, String[] units) {
    double scaled = value;
    int unit = 0;
    while (scaled >= base && unit < units.length - 1) {
      scaled /= base;
      unit++;
    }
    boolean whole = unit == 0 || scaled >= 100 || scaled == Math.rint(scaled);
    return number(whole ? "%.0f" : "%.1f", scaled) + units[unit];
  }

  private static String number(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
