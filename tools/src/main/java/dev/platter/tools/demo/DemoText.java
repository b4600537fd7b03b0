package dev.platter.tools.demo;

import dev.platter.api.option.SizeText;
import java.util.List;
import java.util.Locale;

/** Both tables of the demo, for a terminal. */
final class DemoText {
  private DemoText() {}

  static String cacheTable(List<CacheTable.Row> rows) {
    StringBuilder text = new StringBuilder();
    text.append("Random 4 KiB guest reads of 20 GiB, one in flight, hd0 <- hd1 <- hd2:\n\n");
    String columns = String.format(" | %9s %9s %8s %9s", "IOPS", "latency", "hits", "held");
    text.append(
        String.format(
            "  %-15s %14s | %-38s | %s%n",
            "", "", "tables raw, as published", "tables packed, the default"));
    text.append(
        String.format("  %-15s %14s%s%s%n", "l2-cache-size", "published IOPS", columns, columns));
    for (CacheTable.Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-15s %14s%s%s%n",
              SizeText.shortest(row.cacheBytes()),
              grouped(row.publishedIops()),
              measured(row.raw()),
              measured(row.packed())));
    }
    return text.toString();
  }

  /** Hits are those of the base image; what is held, all three images hold together. */
  private static String measured(CacheTable.Measured run) {
    return String.format(
        Locale.ROOT,
        " | %9s %6.1f us %6.1f %% %9s",
        grouped(Math.round(run.iops())),
        run.meanMicros(),
        run.baseHitPercent(),
        kib(run.heldBytes()));
  }

  static String memoryTable(List<MemoryStory.Step> steps) {
    StringBuilder text = new StringBuilder();
    text.append("What the caches hold while the work moves up the chain:\n\n");
    text.append(
        String.format(
            Locale.ROOT, "  %-50s %9s %9s %9s %9s%n", "", "hd0", "hd1", "hd2", "together"));
    for (MemoryStory.Step step : steps) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-50s %9s %9s %9s %9s%n",
              step.what(),
              kib(step.heldBytes().get(0)),
              kib(step.heldBytes().get(1)),
              kib(step.heldBytes().get(2)),
              kib(step.totalBytes())));
    }
    return text.toString();
  }

  static String kib(long bytes) {
    return grouped((bytes + 1023) / 1024) + " KiB";
  }

  /** A number in groups of three digits: {@code 63 600}. */
  static String grouped(long number) {
    return String.format(Locale.ROOT, "%,d", number).replace(',', ' ');
  }
}
