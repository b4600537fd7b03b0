package dev.platter.conf;

import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValue;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Splits the stricter {@code key=value} strings of {@code -blockdev} and {@code -device}: there are
 * no flags, keys are made of letters, digits, {@code - _} and dots between them, and the first
 * value may stand without its key.
 */
final class KeyValString {
  private static final Pattern KEY =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]*(\\.[A-Za-z0-9][A-Za-z0-9_-]*)*");

  private final String impliedKey;
  private final Problems problems;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private KeyValString(String impliedKey, Problems problems) {
    this.impliedKey = impliedKey;
    this.problems = problems;
  }

  /**
   * The entries by key; of two with one key the last one counts.
   *
   * @param impliedKey the key of a first value that stands alone
   */
  static List<Entry> scan(SourceText source, String impliedKey, Problems problems) {
    KeyValString reader = new KeyValString(impliedKey, problems);
    List<Entry> entries = OptionString.scan(source, 0, new ArrayList<>());
    for (int index = 0; index < entries.size(); index++) {
      reader.add(entries.get(index), index == 0);
    }
    return List.copyOf(reader.entries.values());
  }

  private void add(Entry entry, boolean first) {
    SourceText.Place place = entry.keyPlace();
    String written = place.source().text().substring(place.start(), place.end());
    boolean isFlag = entry.form() == Entry.Form.SHORT;
    if (isFlag && first && !written.isEmpty()) {
      put(
          new Entry(
              impliedKey,
              Optional.of(OptionValue.of(written)),
              place,
              place,
              Entry.Form.KEY_VALUE));
    } else if (!KEY.matcher(written).matches()) {
      refuse(written, "Invalid parameter '%s'".formatted(written), place);
    } else if (isFlag) {
      refuse(written, "Expected '=' after parameter '%s'".formatted(written), place);
    } else {
      put(entry);
    }
  }

  private void refuse(String key, String message, SourceText.Place place) {
    problems.add(OptionProblem.of(key, message), place);
  }

  private void put(Entry entry) {
    entries.put(entry.key(), entry);
  }
}
