package dev.platter.tools.demo;

import dev.platter.api.option.SizeText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Both tables with a chart each, as one HTML page that refers to nothing outside of itself. */
final class DemoReport {
  private static final String PUBLISHED_COLOUR = "#b9b2a3";
  private static final String HERE_COLOUR = "#1f6f78";
  private static final List<String> LAYER_COLOURS = List.of("#1f6f78", "#d98e04", "#a63d40");

  private static final String PAGE =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Platter: what the L2 cache does to a guest</title>
      <style>
      body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fdfcf9; margin: 2rem auto;
        max-width: 900px; padding: 0 1rem; }
      table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
      th, td { padding: .3rem .8rem; text-align: right; border-bottom: 1px solid #e2ded3; }
      th:first-child, td:first-child { text-align: left; }
      svg text { font: 13px system-ui, sans-serif; fill: #333; }
      p.note { color: #666; font-size: 14px; }
      </style>
      </head>
      <body>
      <h1>What the L2 cache does to a guest</h1>
      <p>hd0 &larr; hd1 &larr; hd2: a base of 20 GiB with every cluster allocated, and two empty overlays. A mock guest
      reads 4 KiB blocks at random through a virtio-blk device, one request in flight.</p>
      <!-- cache -->
      <p class="note">The published figures are QEMU 2.5 on an SSD, where each miss reads the disk. Here the images are
      sparse files in the host's page cache; compare the shapes, not the numbers. With tables kept raw, as they were then, an
      L2 cache of 2.5 MiB maps all of this disk: disk_size = l2_cache_size &times; cluster_size / 8. Packed tables map it
      at every size.</p>
      <h2>Memory, while the work moves up the chain</h2>
      <p>The guest reads and writes the same blocks all over the disk. Each image has caches of its own, and a layer that is
      no longer asked keeps what it holds until <code>cache-clean-interval</code> gives it back.</p>
      <!-- memory -->
      </body>
      </html>
      """;

  private DemoReport() {}

  static String html(List<CacheTable.Row> rows, List<MemoryStory.Step> steps) {
    return PAGE.replace("<!-- cache -->", cache(rows)).replace("<!-- memory -->", memory(steps));
  }

  private static String cache(List<CacheTable.Row> rows) {
    StringBuilder html = new StringBuilder();
    html.append(
        row(
            "th",
            List.of(
                "l2-cache-size",
                "published IOPS",
                "IOPS, raw",
                "mean latency",
                "base hits",
                "held",
                "IOPS, packed",
                "mean latency",
                "base hits",
                "held")));
    for (CacheTable.Row row : rows) {
      List<String> cells = new ArrayList<>();
      cells.add(SizeText.shortest(row.cacheBytes()));
      cells.add(DemoText.grouped(row.publishedIops()));
      cells.addAll(cells(row.raw()));
      cells.addAll(cells(row.packed()));
      html.append(row("td", cells));
    }
    String table = "<table>\n" + html + "</table>\n";
    return table
        + chart("IOPS, published", PUBLISHED_COLOUR, rows, CacheTable.Row::publishedIops)
        + chart("IOPS here, tables raw as published", HERE_COLOUR, rows, row -> row.raw().iops())
        + chart("IOPS here, tables packed", HERE_COLOUR, rows, row -> row.packed().iops());
  }

  private static List<String> cells(CacheTable.Measured run) {
    return List.of(
        DemoText.grouped(Math.round(run.iops())),
        String.format(Locale.ROOT, "%.1f µs", run.meanMicros()),
        String.format(Locale.ROOT, "%.1f %%", run.baseHitPercent()),
        DemoText.kib(run.heldBytes()));
  }

  private static String chart(
      String title,
      String colour,
      List<CacheTable.Row> rows,
      java.util.function.ToDoubleFunction<CacheTable.Row> value) {
    List<BarChart.Bar> bars =
        rows.stream()
            .map(
                row ->
                    new BarChart.Bar(
                        SizeText.shortest(row.cacheBytes()),
                        List.of(value.applyAsDouble(row)),
                        DemoText.grouped(Math.round(value.applyAsDouble(row)))))
            .toList();
    return BarChart.svg(title, List.of(title), List.of(colour), bars);
  }

  private static String memory(List<MemoryStory.Step> steps) {
    StringBuilder html = new StringBuilder();
    html.append(row("th", List.of("", "hd0", "hd1", "hd2", "together")));
    for (MemoryStory.Step step : steps) {
      html.append(
          row(
              "td",
              List.of(
                  step.what(),
                  DemoText.kib(step.heldBytes().get(0)),
                  DemoText.kib(step.heldBytes().get(1)),
                  DemoText.kib(step.heldBytes().get(2)),
                  DemoText.kib(step.totalBytes()))));
    }
    List<BarChart.Bar> bars =
        steps.stream()
            .map(
                step ->
                    new BarChart.Bar(
                        step.what(),
                        step.heldBytes().stream().map(Long::doubleValue).toList(),
                        DemoText.kib(step.totalBytes())))
            .toList();
    return "<table>\n"
        + html
        + "</table>\n"
        + BarChart.svg(
            "bytes held by the caches", List.of("hd0", "hd1", "hd2"), LAYER_COLOURS, bars);
  }

  private static String row(String cell, List<String> texts) {
    StringBuilder html = new StringBuilder("<tr>");
    for (String text : texts) {
      html.append("<%s>%s</%s>".formatted(cell, BarChart.escape(text), cell));
    }
    return html.append("</tr>\n").toString();
  }
}
