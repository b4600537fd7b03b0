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
    text.append(
        "  l2-cache-size   published IOPS   IOPS here   latency    base hits   held by 3 images\n");
    for (CacheTable.Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "  %-15s %14s %11s %7.1f us %10.1f %% %16s%n",
              SizeText.shortest(row.cacheBytes()),
              grouped(row.publishedIops()),
              grouped(Math.round(row.iops())),
              row.meanMicros(),
              row.baseHitPercent(),
              kib(row.heldBytes())));
    }
    return text.toString();
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
