package dev.platter.qcow2;

import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The options that say which metadata writes are checked against: a template, and a switch for each
 * kind that overrides it.
 */
final class OverlapOptions {
  static final Option<String> TEMPLATE =
      Option.text("overlap-check")
          .doc("Which metadata every write is checked against: none, constant, cached or all.")
          .defaultText("cached")
          .since("1.7")
          .build();
  static final Option<String> NESTED_TEMPLATE =
      Option.text("overlap-check.template")
          .doc("The same as overlap-check.")
          .defaultText("cached")
          .since("1.7")
          .build();

  /** One switch for each kind of metadata. */
  static final Map<MetadataKind, Option<Boolean>> SWITCHES = switches();

  private static final Map<String, Set<MetadataKind>> TEMPLATES = templates();
  private static final String DEFAULT_TEMPLATE = "cached";

  private OverlapOptions() {}

  /**
   * What the options come to.
   *
   * @throws OptionException if the two templates differ, or one is none
   */
  static Set<MetadataKind> read(OptionValues options) throws OptionException {
    Optional<String> given = options.given(TEMPLATE);
    Optional<String> nested = options.given(NESTED_TEMPLATE);
    if (given.isPresent() && nested.isPresent() && !given.equals(nested)) {
      throw problem(
          "Conflicting values for qcow2 options 'overlap-check' ('%s') and".formatted(given.get())
              + " 'overlap-check.template' ('%s')".formatted(nested.get()));
    }
    String chosen = given.or(() -> nested).orElse(DEFAULT_TEMPLATE);
    if (!TEMPLATES.containsKey(chosen)) {
      throw problem(
          "Unsupported value '%s' for qcow2 option 'overlap-check'. Allowed are any of the following: "
                  .formatted(chosen)
              + String.join(", ", TEMPLATES.keySet()));
    }
    EnumSet<MetadataKind> kinds = EnumSet.noneOf(MetadataKind.class);
    SWITCHES.forEach(
        (kind, option) -> {
          if (options.given(option).orElse(TEMPLATES.get(chosen).contains(kind))) {
            kinds.add(kind);
          }
        });
    return Collections.unmodifiableSet(kinds);
  }

  private static Map<String, Set<MetadataKind>> templates() {
    Map<String, Set<MetadataKind>> templates = new LinkedHashMap<>();
    templates.put("none", Set.of());
    templates.put("constant", MetadataKind.CONSTANT);
    templates.put("cached", MetadataKind.CACHED);
    templates.put("all", MetadataKind.ALL);
    return templates;
  }

  private static Map<MetadataKind, Option<Boolean>> switches() {
    Map<MetadataKind, Option<Boolean>> switches = new LinkedHashMap<>();
    for (MetadataKind kind : List.of(MetadataKind.values())) {
      String name = kind.optionName();
      switches.put(
          kind,
          Option.flag("overlap-check." + name)
              .doc("Whether writes are checked against this kind of metadata: " + name + ".")
              .defaultText("as overlap-check says")
              .since("1.7")
              .build());
    }
    return switches;
  }

  private static OptionException problem(String message) {
    return new OptionException(OptionProblem.of(TEMPLATE.name(), message));
  }
}
