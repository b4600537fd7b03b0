package dev.platter.conf;

import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.Suggestions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Named beginnings of option strings: {@code @system} stands for what {@code drive.system.*} say.
 *
 * @param byName each profile's entries, in the order in which they were read
 */
record DriveProfiles(Map<String, List<Entry>> byName) {
  static final DriveProfiles NONE = new DriveProfiles(Map.of());

  /** The entries of a profile; of an unknown one nothing, and a problem. */
  Optional<List<Entry>> find(String name, SourceText.Place place, Problems problems) {
    List<Entry> entries = byName.get(name);
    if (entries == null) {
      Optional<String> near = Suggestions.nearest(name, byName.keySet());
      problems.add(
          new OptionProblem(
              "@" + name,
              "Unknown drive profile '%s'".formatted(name),
              name,
              byName.isEmpty()
                  ? "no profile is defined; drive.%s.file=... would define it".formatted(name)
                  : String.join(", ", byName.keySet()),
              near.map(word -> "@" + word)),
          place);
      return Optional.empty();
    }
    return Optional.of(entries);
  }
}
