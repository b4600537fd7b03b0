package dev.platter.conf;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionType;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.SizeText;
import dev.platter.api.spec.GenericOptions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Checks the options of one node against their declarations. */
final class NodeOptions {
  private final KnownDrivers known;
  private final Dialect dialect;
  private final Problems problems;
  private final Map<String, Entry> accepted = new LinkedHashMap<>();

  NodeOptions(KnownDrivers known, Dialect dialect, Problems problems) {
    this.known = known;
    this.dialect = dialect;
    this.problems = problems;
  }

  /** Checks the type and range of an option that {@link KnownDrivers#find} knows. */
  void add(String key, Entry entry) {
    List<Option<?>> declarations = known.find(key);
    Optional<OptionProblem> problem = Optional.empty();
    for (Option<?> option : declarations) {
      problem = problemOf(key, option, entry);
      if (problem.isEmpty()) {
        break;
      }
    }
    if (problem.isPresent()) {
      problems.add(problem.get(), name -> entry);
      return;
    }
    accepted.put(key, entry);
    refusal(declarations, entry).ifPresent(refused -> problems.add(refused, name -> entry));
  }

  /** Why a value has no effect yet; empty if it has one by any of the declarations. */
  private static Optional<OptionProblem> refusal(List<Option<?>> declarations, Entry entry) {
    Optional<OptionProblem> refusal = Optional.empty();
    for (Option<?> option : declarations) {
      try {
        refusal = refusal(option, entry.value().orElseThrow());
      } catch (OptionException e) {
        continue; // another declaration takes it
      }
      if (refusal.isEmpty()) {
        break;
      }
    }
    return refusal;
  }

  private static <T> Optional<OptionProblem> refusal(Option<T> option, OptionValue value)
      throws OptionException {
    return option.refusal(option.type().read(option.name(), value), value.asText());
  }

  /** Keeps an option that the driver, once it is known, is to judge. */
  void leave(String key, Entry entry) {
    accepted.put(key, entry);
  }

  /** The options that were accepted. */
  Map<String, OptionValue> values() {
    Map<String, OptionValue> values = new LinkedHashMap<>();
    accepted.forEach((key, entry) -> entry.value().ifPresent(value -> values.put(key, value)));
    return values;
  }

  /** Checks the options together. */
  void checkTogether() {
    checkRules(values());
    boolean inherits = dialect == Dialect.IMAGE_OPTS; // read-only, from what is not in the text
    if (!inherits && isOn(GenericOptions.FORCE_SHARE) && !isOn(GenericOptions.READ_ONLY)) {
      problems.key(
          accepted.get(GenericOptions.FORCE_SHARE.name()),
          "force-share=on can only be used with read-only images");
    }
    if (!dialect.probes() && unmapsZeroesOnly()) {
      problems.value(
          accepted.get(GenericOptions.DETECT_ZEROES.name()),
          "setting detect-zeroes to unmap is not allowed without setting discard operation to"
              + " unmap",
          "",
          Optional.empty());
    }
  }

  private Optional<OptionProblem> problemOf(String key, Option<?> option, Entry entry) {
    if (entry.value().isEmpty()) {
      return Optional.of(wrongType(key, option, "null"));
    }
    OptionValue value = entry.value().get();
    Optional<OptionProblem> strict = strictProblem(key, option, value);
    if (strict.isPresent()) {
      return strict;
    }
    try {
      option.type().read(key, value);
      return Optional.empty();
    } catch (OptionException e) {
      return Optional.of(inDriveWords(option, e.problems().getFirst()));
    }
  }

  /** QEMU says less of a word that it does not know in {@code -drive} than in {@code -blockdev}. */
  private OptionProblem inDriveWords(Option<?> option, OptionProblem problem) {
    boolean general =
        option.type() instanceof OptionType.Choice<?> choice && choice.otherwise().isEmpty();
    if (!dialect.probes() || !general) {
      return problem;
    }
    return new OptionProblem(
        problem.key(),
        option.name().equals(GenericOptions.DISCARD.name())
            ? "Invalid discard option"
            : "invalid parameter value: " + problem.found(),
        problem.found(),
        problem.allowed(),
        problem.suggestion());
  }

  /** The types on which -blockdev insists. */
  private Optional<OptionProblem> strictProblem(String key, Option<?> option, OptionValue value) {
    boolean isNumber =
        option.type() instanceof OptionType.Size || option.type() instanceof OptionType.Number;
    if (!(value instanceof OptionValue.Text text)) {
      return Optional.empty();
    }
    return switch (dialect) {
      case DRIVE, IMAGE_OPTS -> Optional.empty();
      case KEYVAL ->
          isNumber && !text.text().matches("-?\\d+")
              ? Optional.of(notInteger(key, text.text()))
              : Optional.empty();
      case QMP ->
          isNumber || option.type() instanceof OptionType.Flag
              ? Optional.of(wrongType(key, option, text.text()))
              : Optional.empty();
    };
  }

  private static OptionProblem notInteger(String key, String found) {
    return new OptionProblem(
        key, "Parameter '%s' expects integer".formatted(key), found, "integer", inBytes(found));
  }

  private static OptionProblem wrongType(String key, Option<?> option, String found) {
    String expected =
        switch (option.type()) {
          case OptionType.Size size -> "integer";
          case OptionType.Number number -> "integer";
          case OptionType.Flag flag -> "boolean";
          case OptionType.Text text -> "string";
          case OptionType.Choice<?> choice -> "string";
        };
    return new OptionProblem(
        key,
        "Invalid parameter type for '%s', expected: %s".formatted(key, expected),
        found,
        expected,
        expected.equals("integer") ? inBytes(found) : Optional.empty());
  }

  /** What a size with a suffix would be without it. */
  private static Optional<String> inBytes(String found) {
    try {
      return Optional.of(SizeText.bytes("", found).toString());
    } catch (OptionException e) {
      return Optional.empty();
    }
  }

  /** Lets the driver check the options, if only one can be meant. */
  private void checkRules(Map<String, OptionValue> values) {
    Set<String> own = new HashSet<>(values.keySet());
    own.removeAll(GenericOptions.SCHEMA.names());
    List<BlockDriverProvider> drivers = known.declaring(own);
    if (drivers.size() != 1) {
      return;
    }
    BlockDriverProvider driver = drivers.getFirst();
    Map<String, OptionValue> declared = new LinkedHashMap<>(values);
    declared.keySet().retainAll(driver.options().names());
    List<OptionProblem> found = new ArrayList<>();
    found.addAll(driver.validate(driver.options().read(driver.name(), declared, found)));
    found.forEach(problem -> problems.add(problem, accepted::get));
  }

  private boolean isOn(Option<Boolean> option) {
    return Optional.ofNullable(accepted.get(option.name()))
        .map(entry -> OnOff.isOn(entry.text()))
        .orElse(false);
  }

  private boolean unmapsZeroesOnly() {
    Entry zeroes = accepted.get(GenericOptions.DETECT_ZEROES.name());
    Entry discard = accepted.get(GenericOptions.DISCARD.name());
    return zeroes != null
        && zeroes.text().equals("unmap")
        && (discard == null || !List.of("unmap", "on").contains(discard.text()));
  }
}
