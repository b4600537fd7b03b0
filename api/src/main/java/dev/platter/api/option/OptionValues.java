package dev.platter.api.option;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The values that a schema made of what was given: typed, validated, immutable. */
public final class OptionValues {
  private static final OptionValues EMPTY = new OptionValues(Map.of(), Set.of());

  private final Map<String, Object> given;
  private final Set<String> named;

  /**
   * @param named the keys that were written, also those whose values were refused
   */
  OptionValues(Map<String, Object> given, Set<String> named) {
    this.given = Map.copyOf(given);
    this.named = Set.copyOf(named);
  }

  /** No values: every option has its default. */
  public static OptionValues empty() {
    return EMPTY;
  }

  /** The value given, else the default, if there is one. */
  public <T> Optional<T> find(Option<T> option) {
    Optional<T> value = given(option);
    return value.isPresent() ? value : option.defaultValue();
  }

  /**
   * The value given, else the default.
   *
   * @throws IllegalStateException if the option has neither; a mistake of the driver
   */
  public <T> T get(Option<T> option) {
    return find(option)
        .orElseThrow(
            () -> new IllegalStateException("option " + option.name() + " has no default"));
  }

  /** The value given, without the default. */
  @SuppressWarnings("unchecked") // put in by OptionSchema with the option's own type
  public <T> Optional<T> given(Option<T> option) {
    return Optional.ofNullable((T) given.get(option.name()));
  }

  /**
   * Whether the option was written at all, be its value right or not: for rules about what cannot
   * be given together.
   */
  public boolean names(Option<?> option) {
    return named.contains(option.name()) || given.containsKey(option.name());
  }

  /**
   * The values given for a group, in order: of each of its members those of its fields.
   *
   * @param name the group's, as in {@link OptionSchema#withGroup}
   */
  public List<OptionValues> group(String name) {
    List<OptionValues> members = new ArrayList<>();
    while (true) {
      String prefix = "%s.%d.".formatted(name, members.size());
      Map<String, Object> fields = new LinkedHashMap<>();
      given.forEach(
          (key, value) -> {
            if (key.startsWith(prefix)) {
              fields.put(key.substring(prefix.length()), value);
            }
          });
      if (fields.isEmpty()) {
        return List.copyOf(members);
      }
      members.add(new OptionValues(fields, fields.keySet()));
    }
  }

  /**
   * The values given for a list, in order.
   *
   * @param element as in {@link OptionSchema#withList}
   */
  public <T> List<T> list(Option<T> element) {
    List<T> values = new ArrayList<>();
    Optional<T> value = given(element.named(element.name() + ".0"));
    while (value.isPresent()) {
      values.add(value.get());
      value = given(element.named("%s.%d".formatted(element.name(), values.size())));
    }
    return List.copyOf(values);
  }

  /** A copy in which {@code option} has this value. */
  public <T> OptionValues with(Option<T> option, T value) {
    Map<String, Object> values = new LinkedHashMap<>(given);
    values.put(option.name(), value);
    return new OptionValues(values, named);
  }

  /** A copy in which options of these names are not given. */
  public OptionValues without(Set<String> names) {
    Map<String, Object> values = new LinkedHashMap<>(given);
    values.keySet().removeAll(names);
    Set<String> rest = new LinkedHashSet<>(named);
    rest.removeAll(names);
    return new OptionValues(values, rest);
  }
}
