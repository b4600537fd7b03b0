package dev.platter.tools.img;

import java.util.Locale;

/** The text of an SVG file, of rectangles, lines and words. */
final class SvgText {
  private static final String STYLE =
      """
      <style>
      text { font-family: sans-serif; fill: #222222; }
      .title { font-size: 20px; font-weight: bold; }
      .note { font-size: 14px; }
      .scale { font-size: 12px; text-anchor: end; }
      .tick { font-size: 12px; text-anchor: middle; }
      </style>
      """;

  private final StringBuilder svg = new StringBuilder();

  SvgText(int width, int height) {
    svg.append(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\">\n"
            .formatted(width, height));
    svg.append(STYLE);
    rectangle(0, 0, width, height, "#ffffff");
  }

  void rectangle(int x, int y, int width, int height, String colour) {
    svg.append(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>\n"
            .formatted(x, y, width, height, colour));
  }

  /** Draws a straight line with round ends; places in pixels. */
  void line(double x1, double y1, double x2, double y2, int width, String colour) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
                + " stroke-width=\"%d\" stroke-linecap=\"round\"/>\n",
            x1,
            y1,
            x2,
            y2,
            colour,
            width));
  }

  /** Makes stripes of a colour and white, to be used as a colour: {@code url(#name)}. */
  void stripes(String name, String colour) {
    svg.append(
        ("""
        <pattern id="%s" width="4" height="4" patternUnits="userSpaceOnUse">
        <rect width="4" height="4" fill="#ffffff"/><rect width="2" height="4" fill="%s"/>
        </pattern>
        """)
            .formatted(name, colour));
  }

  /**
   * Puts words.
   *
   * @param y their base line
   * @param kind the class of style
   */
  void text(int x, int y, String kind, String words) {
    svg.append(
        "<text x=\"%d\" y=\"%d\" class=\"%s\">%s</text>\n".formatted(x, y, kind, escaped(words)));
  }

  /** The whole file. */
  String end() {
    return svg + "</svg>\n";
  }

  private static String escaped(String words) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < words.length(); i++) {
      char c = words.charAt(i);
      switch (c) {
        case '<' -> text.append("&lt;");
        case '>' -> text.append("&gt;");
        case '&' -> text.append("&amp;");
        default -> text.append(c < ' ' ? '\ufffd' : c);
      }
    }
    return text.toString();
  }
}
