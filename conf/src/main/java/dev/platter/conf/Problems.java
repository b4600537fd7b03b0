package dev.platter.conf;

import dev.platter.api.option.OptionProblem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Collects what is wrong, so that all of it can be said at once. */
final class Problems {
  private final List<LocatedProblem> found;
  private final String prefix;

  Problems() {
    this(new ArrayList<>(), "");
  }

  private Problems(List<LocatedProblem> found, String prefix) {
    this.found = found;
    this.prefix = prefix;
  }

  /** The same problems; messages that come through here begin with this prefix as well. */
  Problems prefixed(String more) {
    return new Problems(found, prefix + more);
  }

  /** A problem with a key: that it is there, or what else is there with it. */
  void key(Entry entry, String message) {
    key(entry, message, "", Optional.empty());
  }

  /** A problem with a key, for which there may be a better one. */
  void key(Entry entry, String message, String allowed, Optional<String> suggestion) {
    add(
        new OptionProblem(entry.key(), message, entry.key(), allowed, suggestion),
        entry.keyPlace());
  }

  /** A problem with a value. */
  void value(Entry entry, String message, String allowed, Optional<String> suggestion) {
    add(
        new OptionProblem(entry.key(), message, entry.text(), allowed, suggestion),
        entry.valuePlace());
  }

  void add(OptionProblem problem, SourceText.Place place) {
    add(problem, List.of(place));
  }

  /** A problem with several places, at least one. */
  void add(OptionProblem problem, List<SourceText.Place> places) {
    found.add(LocatedProblem.of(problem.prefixed(prefix), places));
  }

  /** A problem of options, by what was written of each that it names. */
  void add(OptionProblem problem, Function<String, Entry> entries) {
    List<String> keys = new ArrayList<>(List.of(problem.key()));
    keys.addAll(problem.otherKeys());
    List<SourceText.Place> places =
        keys.stream().map(entries).map(entry -> place(problem, entry)).toList();
    add(problem.renamed(key -> entries.apply(key).key()), places);
  }

  /** The keys, where options do not go together; else the value. */
  static SourceText.Place place(OptionProblem problem, Entry entry) {
    return problem.otherKeys().isEmpty() ? entry.valuePlace() : entry.keyPlace();
  }

  void addAll(Problems others) {
    found.addAll(others.found);
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  /**
   * Throws if there are any. Inputs come in the order in which they were first found fault with,
   * the problems of one input in the order in which they stand in it.
   */
  void throwIfAny() throws DriveSyntaxException {
    if (found.isEmpty()) {
      return;
    }
    Map<SourceText, List<LocatedProblem>> byInput = new LinkedHashMap<>();
    for (LocatedProblem problem : found) {
      SourceText input = new SourceText(problem.origin(), problem.input());
      byInput.computeIfAbsent(input, first -> new ArrayList<>()).add(problem);
    }
    byInput.values().forEach(list -> list.sort(Comparator.comparingInt(LocatedProblem::start)));
    throw new DriveSyntaxException(byInput.values().stream().flatMap(List::stream).toList());
  }
}
