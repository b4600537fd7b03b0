package dev.platter.api.option;

import dev.platter.api.error.OptionException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The options that a driver declares, in the order in which they are documented. */
public final class OptionSchema {
  private static final OptionSchema EMPTY = new OptionSchema(List.of());

  private final Map<String, Option<?>> byName = new LinkedHashMap<>();

  private OptionSchema(List<Option<?>> options) {
    for (Option<?> option : options) {
      if (byName.put(option.name(), option) != null) {
        throw new IllegalArgumentException("option " + option.name() + " is declared twice");
      }
    }
  }

  /** A schema without options. */
  public static OptionSchema empty() {
    return EMPTY;
  }

  /** A schema of these options; their names must differ. */
  public static OptionSchema of(Option<?>... options) {
    return new OptionSchema(List.of(options));
  }

  /** This schema followed by the options of another. */
  public OptionSchema and(OptionSchema other) {
    List<Option<?>> all = new ArrayList<>(byName.values());
    all.addAll(other.byName.values());
    return new OptionSchema(all);
  }

  /** The options, in the order of declaration. */
  public List<Option<?>> options() {
    return List.copyOf(byName.values());
  }

  /** The names, in the order of declaration. */
  public Set<String> names() {
    return new LinkedHashSet<>(byName.keySet());
  }

  /** The option with this name. */
  public Optional<Option<?>> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /**
   * Gives types to values.
   *
   * @param owner who declares the options, as messages say it: {@code Block format 'qcow2'}
   * @param raw the values as they were written, by key
   * @throws OptionException with everything that is wrong: unknown keys, values that are not of
   *     their type, out of range or not supported yet, options that cannot be given together
   */
  public OptionValues read(String owner, Map<String, OptionValue> raw) throws OptionException {
    return read(owner, raw, values -> List.of());
  }

  /**
   * Gives types to values, by rules that go beyond the declarations as well.
   *
   * @param rules finds what is wrong with values together; it is given those that are right alone
   * @throws OptionException with everything that is wrong; what is merely not supported yet stands
   *     last
   */
  public OptionValues read(
      String owner, Map<String, OptionValue> raw, Function<OptionValues, List<OptionProblem>> rules)
      throws OptionException {
    List<OptionProblem> problems = new ArrayList<>();
    OptionValues values = read(owner, raw, problems);
    problems.addAll(rules.apply(values));
    problems.addAll(refusals(values));
    if (!problems.isEmpty()) {
      throw new OptionException(problems);
    }
    return values;
  }

  /**
   * Gives types to those values that have the right one, supported or not.
   *
   * @param problems takes what is wrong with the others
   */
  public OptionValues read(
      String owner, Map<String, OptionValue> raw, List<OptionProblem> problems) {
    Map<String, Object> values = new LinkedHashMap<>();
    raw.forEach((key, value) -> readOne(owner, key, value, values, problems));
    addConflicts(raw.keySet(), problems);
    return new OptionValues(values);
  }

  private List<OptionProblem> refusals(OptionValues values) {
    return byName.values().stream().flatMap(option -> refusal(option, values).stream()).toList();
  }

  private static <T> Optional<OptionProblem> refusal(Option<T> option, OptionValues values) {
    return values.given(option).flatMap(value -> option.refusal(value, option.type().write(value)));
  }

  private void readOne(
      String owner,
      String key,
      OptionValue value,
      Map<String, Object> values,
      List<OptionProblem> problems) {
    Option<?> option = byName.get(key);
    if (option == null) {
      problems.add(
          new OptionProblem(
              key,
              "%s does not support the option '%s'".formatted(owner, key),
              key,
              String.join(", ", byName.keySet()),
              Suggestions.nearest(key, byName.keySet())));
      return;
    }
    try {
      values.put(key, option.type().read(key, value));
    } catch (OptionException e) {
      problems.addAll(e.problems());
    }
  }

  private void addConflicts(Set<String> given, List<OptionProblem> problems) {
    Set<Set<String>> reported = new HashSet<>();
    for (String key : given) {
      Set<String> conflicts = find(key).map(Option::conflicts).orElse(Set.of());
      for (String other : conflicts) {
        if (given.contains(other) && reported.add(Set.of(key, other))) {
          problems.add(
              OptionProblem.between(
                  List.of(key, other),
                  "'%s' and '%s' cannot be used at the same time".formatted(key, other)));
        }
      }
    }
  }
}
