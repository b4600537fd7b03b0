package dev.platter.qcow2;

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
  /** Sets of kinds that have a name. */
  enum Template {
    NONE,
    CONSTANT,
    CACHED,
    ALL;

    private Set<MetadataKind> kinds() {
      return switch (this) {
        case NONE -> Set.of();
        case CONSTANT -> MetadataKind.CONSTANT;
        case CACHED -> MetadataKind.CACHED;
        case ALL -> MetadataKind.ALL;
      };
    }
  }

  static final Option<Template> TEMPLATE =
      template("overlap-check", "Which metadata every write is checked against.");
  static final Option<Template> NESTED_TEMPLATE =
      template("overlap-check.template", "The same as overlap-check.");

  /** One switch for each kind of metadata. */
  static final Map<MetadataKind, Option<Boolean>> SWITCHES = switches();

  private OverlapOptions() {}

  /** What is wrong with the options together: the two templates must not differ. */
  static List<OptionProblem> together(OptionValues options) {
    Optional<Template> given = options.given(TEMPLATE);
    Optional<Template> nested = options.given(NESTED_TEMPLATE);
    if (given.isEmpty() || nested.isEmpty() || given.equals(nested)) {
      return List.of();
    }
    return List.of(
        OptionProblem.between(
            List.of(TEMPLATE.name(), NESTED_TEMPLATE.name()),
            "Conflicting values for qcow2 options '%s' ('%s') and '%s' ('%s')"
                .formatted(
                    TEMPLATE.name(),
                    TEMPLATE.type().write(given.get()),
                    NESTED_TEMPLATE.name(),
                    NESTED_TEMPLATE.type().write(nested.get()))));
  }

  /** The kinds that the options come to. */
  static Set<MetadataKind> kinds(OptionValues options) {
    Template template =
        options.given(TEMPLATE).or(() -> options.given(NESTED_TEMPLATE)).orElse(Template.CACHED);
    EnumSet<MetadataKind> kinds = EnumSet.noneOf(MetadataKind.class);
    SWITCHES.forEach(
        (kind, option) -> {
          if (options.given(option).orElse(template.kinds().contains(kind))) {
            kinds.add(kind);
          }
        });
    return Collections.unmodifiableSet(kinds);
  }

  private static Option<Template> template(String name, String doc) {
    return Option.choice(
            name,
            Template.class,
            "Unsupported value '%s' for qcow2 option 'overlap-check'. Allowed are any of the"
                + " following: none, constant, cached, all")
        .defaultValue(Template.CACHED)
        .doc(doc)
        .since("1.7")
        .build();
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
}
