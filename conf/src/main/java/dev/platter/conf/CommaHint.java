package dev.platter.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Explains a flag that nobody knows: mostly it is the rest of a value with a comma in it. */
final class CommaHint {
  private CommaHint() {}

  /** The value and the flag before and after the comma, written as one value. */
  static Optional<String> of(Entry flag) {
    SourceText.Place place = flag.keyPlace();
    String before = place.source().text().substring(0, place.start());
    List<Entry> entries = OptionString.scan(SourceText.of(before), 0, new ArrayList<>());
    if (entries.isEmpty() || entries.getLast().form() != Entry.Form.KEY_VALUE) {
      return Optional.empty();
    }
    Entry value = entries.getLast();
    String written = place.source().text().substring(place.start(), place.end());
    return Optional.of(OptionString.write(value.key(), value.text() + "," + written));
  }
}
