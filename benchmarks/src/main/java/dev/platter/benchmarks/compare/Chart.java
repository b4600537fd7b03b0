package dev.platter.benchmarks.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Two lines over the same points, on a logarithmic scale, as an SVG picture.
 *
 * @param title what it shows
 * @param points what stands below each pair of figures
 * @param platter Platter's figures
 * @param qemu QEMU's
 */
record Chart(String title, List<String> points, List<Double> platter, List<Double> qemu) {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 360;
  private static final int LEFT = 80;
  private static final int RIGHT = 110;
  private static final int TOP = 50;
  private static final int BOTTOM = 40;
  private static final String PLATTER_COLOUR = "#0b6e4f";
  private static final String QEMU_COLOUR = "#c2571a";

  /** Draws it into a file. */
  void write(Path file) throws IOException {
    StringBuilder svg = new StringBuilder();
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" "
            .formatted(WIDTH, HEIGHT, WIDTH));
    svg.append("font-family=\"sans-serif\" font-size=\"12\">\n");
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    text(svg, LEFT, 24, "start", "#222", title);
    for (int power = lowest(); power <= highest(); power++) {
      double y = y(Math.pow(10, power));
      svg.append(
          line("<line x1='%d' y1='%.1f' x2='%d' y2='%.1f' stroke='#ddd'/>\n", LEFT, y, right(), y));
      text(
          svg,
          LEFT - 8,
          y + 4,
          "end",
          "#555",
          String.format(Locale.ROOT, "%,.0f", Math.pow(10, power)));
    }
    for (int i = 0; i < points.size(); i++) {
      text(svg, x(i), HEIGHT - 16, "middle", "#555", points.get(i));
    }
    series(svg, platter, PLATTER_COLOUR, "Platter");
    series(svg, qemu, QEMU_COLOUR, "QEMU");
    Files.writeString(file, svg.append("</svg>\n").toString());
  }

  private void series(StringBuilder svg, List<Double> values, String colour, String name) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      path.append(line("%s%.1f %.1f ", i == 0 ? "M" : "L", x(i), y(values.get(i))));
    }
    svg.append(
        "<path d='%s' fill='none' stroke='%s' stroke-width='2.5'/>\n".formatted(path, colour));
    for (int i = 0; i < values.size(); i++) {
      svg.append(
          line("<circle cx='%.1f' cy='%.1f' r='4' fill='%s'/>\n", x(i), y(values.get(i)), colour));
    }
    text(svg, right() + 10, y(values.getLast()) + 4, "start", colour, name);
  }

  private static void text(
      StringBuilder svg, double x, double y, String anchor, String colour, String words) {
    svg.append(
        line(
            "<text x='%.1f' y='%.1f' text-anchor='%s' fill='%s'>%s</text>\n",
            x, y, anchor, colour, words));
  }

  private static String line(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }

  private static int right() {
    return WIDTH - RIGHT;
  }

  private double x(int index) {
    return LEFT + 20 + (right() - LEFT - 40) * (double) index / Math.max(1, points.size() - 1);
  }

  private double y(double value) {
    double share = (Math.log10(value) - lowest()) / (highest() - lowest());
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
  }

  private int lowest() {
    return (int) Math.floor(Math.log10(Math.min(least(platter), least(qemu))));
  }

  private int highest() {
    return Math.max(lowest() + 1, (int) Math.ceil(Math.log10(Math.max(most(platter), most(qemu)))));
  }

  private static double least(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).min().orElse(1);
  }

  private static double most(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).max().orElse(1);
  }
}
