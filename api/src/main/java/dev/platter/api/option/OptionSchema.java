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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The options that a driver declares, in the order in which they are documented. */
public final class OptionSchema {
  private static final OptionSchema EMPTY = new OptionSchema(List.of(), List.of(), List.of());

  private final Map<String, Option<?>> byName = new LinkedHashMap<>();
  private final List<Group> groups;
  private final List<Sequence> sequences;

  /** Fields that may be given several times, as {@code name.0.field}, {@code name.1.field}. */
  private record Group(String name, OptionSchema fields) {
    private static final Pattern MEMBER = Pattern.compile("(0|[1-9][0-9]{0,3})\\.(.+)");

    Optional<Matcher> member(String key) {
      if (!key.startsWith(name + ".")) {
        return Optional.empty();
      }
      Matcher matcher = MEMBER.matcher(key.substring(name.length() + 1));
      return matcher.matches() ? Optional.of(matcher) : Optional.empty();
    }

    Optional<Option<?>> find(String key) {
      return member(key).flatMap(found -> fields.find(found.group(2))).map(o -> o.named(key));
    }

    /** Whether the member before the one that a key belongs to is there too. */
    boolean follows(String key, Set<String> given) {
      int index = member(key).map(found -> Integer.parseInt(found.group(1))).orElse(0);
      String before = "%s.%d.".formatted(name, index - 1);
      return index == 0 || given.stream().anyMatch(other -> other.startsWith(before));
    }
  }

  /** Values that may be given several times, as {@code name.0}, {@code name.1}. */
  private record Sequence(Option<?> element) {
    private static final Pattern INDEX = Pattern.compile("0|[1-9][0-9]{0,3}");

    private boolean has(String key) {
      String prefix = element.name() + ".";
      return key.startsWith(prefix) && INDEX.matcher(key.substring(prefix.length())).matches();
    }

    Optional<Option<?>> find(String key) {
      return has(key) ? Optional.of(element.named(key)) : Optional.empty();
    }

    /** What is said of indices among which one is missing. */
    Optional<OptionProblem> gap(Set<String> given) {
      List<String> keys = given.stream().filter(this::has).toList();
      int largest =
          keys.stream()
              .mapToInt(key -> Integer.parseInt(key.substring(element.name().length() + 1)))
              .max()
              .orElse(-1);
      return largest < keys.size()
          ? Optional.empty()
          : Optional.of(
              OptionProblem.of(
                  keys.getFirst(),
                  "List indices are not contiguous, saw %d elements but %d largest index"
                      .formatted(keys.size(), largest)));
    }
  }

  private OptionSchema(List<Option<?>> options, List<Group> groups, List<Sequence> sequences) {
    this.groups = List.copyOf(groups);
    this.sequences = List.copyOf(sequences);
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
    return new OptionSchema(List.of(options), List.of(), List.of());
  }

  /** This schema followed by the options of another. */
  public OptionSchema and(OptionSchema other) {
    List<Option<?>> all = new ArrayList<>(byName.values());
    all.addAll(other.byName.values());
    List<Group> allGroups = new ArrayList<>(groups);
    allGroups.addAll(other.groups);
    List<Sequence> allSequences = new ArrayList<>(sequences);
    allSequences.addAll(other.sequences);
    return new OptionSchema(all, allGroups, allSequences);
  }

  /**
   * This schema and a group of options that may be given several times: {@code name.0.field}, then
   * {@code name.1.field}, and so on. {@link OptionValues#group} gives the values.
   */
  public OptionSchema withGroup(String name, OptionSchema fields) {
    List<Group> more = new ArrayList<>(groups);
    more.add(new Group(name, fields));
    return new OptionSchema(List.copyOf(byName.values()), more, sequences);
  }

  /**
   * This schema and values that may be given several times: {@code name.0}, then {@code name.1},
   * and so on. {@link OptionValues#list} gives them.
   *
   * @param element named as the list
   */
  public OptionSchema withList(Option<?> element) {
    List<Sequence> more = new ArrayList<>(sequences);
    more.add(new Sequence(element));
    return new OptionSchema(List.copyOf(byName.values()), groups, more);
  }

  /**
   * The options, in the order of declaration; fields of groups as {@code name.N.field}, and lists
   * as {@code name.N}, last.
   */
  public List<Option<?>> options() {
    List<Option<?>> all = new ArrayList<>(byName.values());
    for (Group group : groups) {
      for (Option<?> field : group.fields().options()) {
        all.add(field.named("%s.N.%s".formatted(group.name(), field.name())));
      }
    }
    for (Sequence sequence : sequences) {
      all.add(sequence.element().named(sequence.element().name() + ".N"));
    }
    return List.copyOf(all);
  }

  /** The names, in the order of declaration. */
  public Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    options().forEach(option -> names.add(option.name()));
    return names;
  }

  /** The option with this name. */
  public Optional<Option<?>> find(String name) {
    Option<?> own = byName.get(name);
    return own != null
        ? Optional.of(own)
        : Stream.concat(
                groups.stream().flatMap(group -> group.find(name).stream()),
                sequences.stream().flatMap(sequence -> sequence.find(name).stream()))
            .findFirst();
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
    addGaps(raw.keySet(), problems);
    return new OptionValues(values, raw.keySet());
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
    Optional<Option<?>> option = find(key);
    if (option.isEmpty()) {
      problems.add(
          new OptionProblem(
              key,
              unknown(owner, key),
              key,
              String.join(", ", names()),
              Suggestions.nearest(key, names())));
      return;
    }
    try {
      values.put(key, option.get().type().read(key, value));
    } catch (OptionException e) {
      problems.addAll(e.problems());
    }
  }

  /**
   * What is said to an option that is not declared; QEMU's words differ between its two kinds of
   * drivers.
   *
   * @param owner {@code Block format 'qcow2'} or {@code Block protocol 'file'}
   */
  public static String unknown(String owner, String key) {
    String verb = owner.startsWith("Block protocol ") ? "doesn't support" : "does not support";
    return "%s %s the option '%s'".formatted(owner, verb, key);
  }

  private void addGaps(Set<String> given, List<OptionProblem> problems) {
    sequences.forEach(sequence -> sequence.gap(given).ifPresent(problems::add));
    for (String key : given) {
      for (Group group : groups) {
        if (!group.follows(key, given)) {
          problems.add(
              OptionProblem.of(
                  key, "Parameters of '%s' are not numbered without gaps".formatted(group.name())));
        }
      }
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
