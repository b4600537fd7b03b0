package dev.platter.tools.img;

/** The text of an SVG file, of rectangles and lines of words. */
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
