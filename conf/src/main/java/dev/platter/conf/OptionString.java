package dev.platter.conf;

import dev.platter.api.option.OptionValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Splits {@code key=value,key=value}, as QEMU's option strings do.
 *
 * <p>A key ends at the first {@code =} or comma, a value at a comma that stands alone; two commas
 * in a value are one comma of it. A key without a value is a flag, {@code on} or, with {@code no}
 * before it, {@code off}. A comma at the end is ignored.
 */
final class OptionString {
  private final SourceText source;
  private final String text;
  private final List<OptionWarning> warnings;
  private int at;

  private OptionString(SourceText source, int from, List<OptionWarning> warnings) {
    this.source = source;
    this.text = source.text();
    this.at = from;
    this.warnings = warnings;
  }

  /**
   * The entries from the char at {@code from}, in the order in which they stand.
   *
   * @param warnings takes a warning for each short form
   */
  static List<Entry> scan(SourceText source, int from, List<OptionWarning> warnings) {
    return new OptionString(source, from, warnings).scan();
  }

  /** The option string of one key and value. */
  static String write(String key, String value) {
    return key + "=" + value.replace(",", ",,");
  }

  private List<Entry> scan() {
    List<Entry> entries = new ArrayList<>();
    while (at < text.length()) {
      int keyStart = at;
      while (at < text.length() && text.charAt(at) != '=' && text.charAt(at) != ',') {
        at++;
      }
      SourceText.Place key = source.place(keyStart, at);
      boolean hasValue = at < text.length() && text.charAt(at) == '=';
      entries.add(hasValue ? keyValue(key) : shortForm(key));
      at++;
    }
    return entries;
  }

  private Entry keyValue(SourceText.Place key) {
    int start = at + 1;
    String value = value(start);
    return new Entry(
        text.substring(key.start(), key.end()),
        Optional.of(OptionValue.of(value)),
        key,
        source.place(start, at),
        Entry.Form.KEY_VALUE);
  }

  private String value(int start) {
    StringBuilder value = new StringBuilder();
    at = start;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == ',') {
        if (at + 1 == text.length() || text.charAt(at + 1) != ',') {
          break;
        }
        at++;
      }
      value.append(c);
      at++;
    }
    return value.toString();
  }

  private Entry shortForm(SourceText.Place place) {
    String written = text.substring(place.start(), place.end());
    boolean off = written.startsWith("no");
    String key = off ? written.substring(2) : written;
    String value = off ? "off" : "on";
    warnings.add(
        new OptionWarning(
            written,
            "short-form boolean option '%s' deprecated".formatted(written),
            "Please use %s=%s instead".formatted(key, value)));
    return new Entry(key, Optional.of(OptionValue.of(value)), place, place, Entry.Form.SHORT);
  }
}
