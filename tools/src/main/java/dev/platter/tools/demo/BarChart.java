package dev.platter.tools.demo;

import java.util.List;
import java.util.Locale;

/** Stacked horizontal bars with a label each, as an SVG element that needs nothing else. */
final class BarChart {
  private static final int WIDTH = 860;
  private static final int LABEL_WIDTH = 330;
  private static final int VALUE_WIDTH = 110;
  private static final int ROW_HEIGHT = 34;
  private static final int BAR_HEIGHT = 22;
  private static final int LEGEND_HEIGHT = 34;

  /**
   * One bar.
   *
   * @param label what stands before it
   * @param values the lengths of its parts, one for each series; not negative
   * @param text what stands behind it
   */
  record Bar(String label, List<Double> values, String text) {
    Bar {
      values = List.copyOf(values);
    }

    double sum() {
      return values.stream().mapToDouble(Double::doubleValue).sum();
    }
  }

  private BarChart() {}

  /**
   * Draws a chart.
   *
   * @param series the names of the parts, for the legend; as many as colours
   * @param colours CSS colours
   */
  static String svg(String title, List<String> series, List<String> colours, List<Bar> bars) {
    int height = LEGEND_HEIGHT + bars.size() * ROW_HEIGHT + 8;
    double longest = bars.stream().mapToDouble(Bar::sum).max().orElse(0);
    double scale = longest == 0 ? 0 : (WIDTH - LABEL_WIDTH - VALUE_WIDTH) / longest;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\""
                + " aria-label=\"%s\">%n",
            WIDTH,
            height,
            escape(title)));
    legend(svg, series, colours);
    for (int i = 0; i < bars.size(); i++) {
      bar(svg, bars.get(i), LEGEND_HEIGHT + i * ROW_HEIGHT, scale, colours);
    }
    return svg.append("</svg>\n").toString();
  }

  private static void legend(StringBuilder svg, List<String> series, List<String> colours) {
    double x = LABEL_WIDTH;
    for (int i = 0; i < series.size(); i++) {
      rectangle(svg, x, 8, 12, 12, colours.get(i));
      text(svg, x + 18, 18, "start", series.get(i));
      x += 40 + 8.0 * series.get(i).length();
    }
  }

  private static void bar(StringBuilder svg, Bar bar, int top, double scale, List<String> colours) {
    text(svg, LABEL_WIDTH - 12, top + 16, "end", bar.label());
    double x = LABEL_WIDTH;
    for (int i = 0; i < bar.values().size(); i++) {
      double width = bar.values().get(i) * scale;
      rectangle(svg, x, top, width, BAR_HEIGHT, colours.get(i));
      x += width;
    }
    text(svg, x + 8, top + 16, "start", bar.text());
  }

  private static void rectangle(
      StringBuilder svg, double x, double y, double width, double height, String colour) {
    svg.append(
        String.format(
            Locale.ROOT,
            "  <rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\"/>%n",
            x,
            y,
            width,
            height,
            colour));
  }

  private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "  <text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
            x,
            y,
            anchor,
            escape(text)));
  }

  /** Text that means itself in HTML and SVG. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
