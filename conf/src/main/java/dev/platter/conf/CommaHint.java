package dev.platter.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Explains a flag that nobody knows: mostly it is the rest of a value with a comma in it, or a file
 * name without its key.
 */
final class CommaHint {
  private CommaHint() {}

  /** What the flag was probably meant to be. */
  static Optional<String> of(Entry flag) {
    SourceText.Place place = flag.keyPlace();
    String before = place.source().text().substring(0, place.start());
    List<Entry> entries = OptionString.scan(SourceText.of(before), 0, new ArrayList<>());
    String written = place.source().text().substring(place.start(), place.end());
    if (entries.isEmpty()) {
      boolean isJson = written.startsWith(FileName.JSON);
      return Optional.of(
          OptionString.write(
              "file", isJson ? place.source().text().substring(place.start()) : written));
    }
    if (entries.getLast().form() != Entry.Form.KEY_VALUE) {
      return Optional.empty();
    }
    Entry value = entries.getLast();
    return Optional.of(OptionString.write(value.key(), value.text() + "," + written));
  }
}
