package dev.platter.conf;

import dev.platter.api.option.OptionValue;
import java.util.Optional;

/**
 * One {@code key=value} that was read, from whatever notation.
 *
 * @param key the key as it was written; that of a JSON member is its path with dots
 * @param value the value; empty for JSON's {@code null}
 * @param keyPlace where the key stands
 * @param valuePlace where the value stands; the key's place if it is a short form
 * @param form the notation
 */
record Entry(
    String key,
    Optional<OptionValue> value,
    SourceText.Place keyPlace,
    SourceText.Place valuePlace,
    Form form) {

  /** Notations. */
  enum Form {
    KEY_VALUE,
    /** {@code readonly} or {@code noreadonly}. */
    SHORT,
    JSON
  }

  /** The value as text; empty for {@code null}. */
  String text() {
    return value.map(OptionValue::asText).orElse("");
  }

  /** The same place with another value. */
  Entry with(OptionValue other) {
    return new Entry(key, Optional.of(other), keyPlace, valuePlace, form);
  }

  /** The same entry under another key. */
  Entry renamed(String other) {
    return new Entry(other, value, keyPlace, valuePlace, form);
  }

  /** The entry that has a part of the value, which has no commas to be written twice before it. */
  Entry part(int start, int end) {
    return new Entry(
        key,
        Optional.of(OptionValue.of(text().substring(start, end))),
        keyPlace,
        placeInValue(start, end),
        form);
  }

  /**
   * A part of the value.
   *
   * @param start first char of {@link #text()}, in which a comma takes one char, although two may
   *     have been written
   */
  SourceText.Place placeInValue(int start, int end) {
    return valuePlace.source().place(written(start), written(end));
  }

  private int written(int index) {
    if (valuePlace.end() - valuePlace.start() == text().length()) {
      return valuePlace.start() + index;
    }
    int commas = (int) text().substring(0, index).chars().filter(c -> c == ',').count();
    return valuePlace.start() + index + commas;
  }
}
