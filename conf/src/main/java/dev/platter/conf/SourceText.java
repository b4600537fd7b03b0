package dev.platter.conf;

/**
 * A text that was read.
 *
 * @param origin what to call it in messages ({@code /etc/platter.properties:12}); empty for the
 *     string that the caller gave
 */
record SourceText(String origin, String text) {
  static SourceText of(String text) {
    return new SourceText("", text);
  }

  /** A part of the text. */
  Place place(int start, int end) {
    return new Place(this, start, end);
  }

  /** All of the text. */
  Place whole() {
    return new Place(this, 0, text.length());
  }

  /** A part of a text, from {@code start} to before {@code end}, in chars. */
  record Place(SourceText source, int start, int end) {}
}
