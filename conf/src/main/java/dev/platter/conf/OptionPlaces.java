package dev.platter.conf;

import dev.platter.api.option.OptionProblem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where in an option string each option of a node stands, or what it follows from. */
final class OptionPlaces {
  private static final String FILE = DriveKeys.FILE.name();
  private static final String AIO = DriveKeys.AIO.name();

  private final SourceText source;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  private OptionPlaces(SourceText source) {
    this.source = source;
  }

  /** The places in a string that {@link DriveParser} has accepted. */
  static OptionPlaces of(String optionString) {
    OptionPlaces places = new OptionPlaces(SourceText.of(optionString));
    places.read();
    return places;
  }

  private void read() {
    Problems ignored = new Problems();
    if (source.text().startsWith("{")) {
      JsonEntries.of(source, ignored).forEach(member -> entries.put(member.key(), member));
      return;
    }
    boolean profile = source.text().startsWith("@");
    int comma = source.text().indexOf(',');
    int from = !profile ? 0 : comma < 0 ? source.text().length() : comma + 1;
    for (Entry entry : OptionString.scan(source, from, new ArrayList<>())) {
      entries.put(DriveParser.ALIASES.getOrDefault(entry.key(), entry.key()), entry);
    }
    Entry file = entries.get(FILE);
    if (file != null && file.text().startsWith(FileName.JSON)) {
      JsonEntries.ofFileName(file, ignored)
          .forEach(member -> entries.putIfAbsent(member.key(), member));
    }
  }

  /**
   * The places that a problem is about, at least one: those of its options; for what nobody wrote,
   * that of the node it belongs to; else the whole string.
   */
  List<SourceText.Place> of(OptionProblem problem) {
    List<SourceText.Place> places = new ArrayList<>();
    places.add(
        find(problem.key()).map(entry -> Problems.place(problem, entry)).orElseGet(source::whole));
    for (String key : problem.otherKeys()) {
      find(key).map(Entry::keyPlace).ifPresent(places::add);
    }
    return places;
  }

  private Optional<Entry> find(String key) {
    if (key.endsWith("." + AIO) && !entries.containsKey(key) && entries.containsKey(AIO)) {
      return Optional.of(entries.get(AIO));
    }
    for (String path = key; !path.isEmpty(); path = above(path)) {
      Entry exact = entries.get(path);
      Optional<Entry> entry = exact == null ? first(path + ".", "") : Optional.of(exact);
      if (entry.isPresent()) {
        return entry;
      }
    }
    return key.isEmpty() ? Optional.empty() : first("", "." + key);
  }

  private Optional<Entry> first(String prefix, String suffix) {
    return entries.entrySet().stream()
        .filter(pair -> pair.getKey().startsWith(prefix) && pair.getKey().endsWith(suffix))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /** The path without its last part. */
  private static String above(String path) {
    return path.substring(0, Math.max(0, path.lastIndexOf('.')));
  }
}
