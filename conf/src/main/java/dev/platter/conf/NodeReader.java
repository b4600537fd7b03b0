package dev.platter.conf;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.Suggestions;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes a tree of nodes of keys with dots.
 *
 * <p>A key is an option if the node's driver, or every node, has one of that name. Otherwise it is
 * about a child: {@code role} alone refers to a node by name, {@code role.key} describes it.
 * Whatever is neither is refused. Every key is used or refused; none is ignored.
 */
final class NodeReader {
  /** How deep nodes may be nested in one text. Chains that lie in image headers may be deeper. */
  static final int MAXIMUM_DEPTH = 500;

  static final String TOO_DEEP = "nodes are nested more than %d deep".formatted(MAXIMUM_DEPTH);

  private final DriverLookup lookup;
  private final Dialect dialect;
  private final boolean partial;
  private final Problems problems;
  private final List<OptionWarning> warnings;

  /**
   * @param partial whether parts may be missing, since another text will add them or one that was
   *     refused may have been meant to be them
   */
  NodeReader(
      DriverLookup lookup,
      Dialect dialect,
      boolean partial,
      Problems problems,
      List<OptionWarning> warnings) {
    this.lookup = lookup;
    this.dialect = dialect;
    this.partial = partial;
    this.problems = problems;
    this.warnings = warnings;
  }

  /**
   * The node that the entries describe, as far as they could be read.
   *
   * @param entries by key, without aliases
   * @param whole where the node is described
   */
  NodeSpec read(Map<String, Entry> entries, SourceText.Place whole) {
    Map<String, Entry> shallow = new LinkedHashMap<>(entries);
    shallow.entrySet().removeIf(pair -> isTooDeep(pair.getKey(), pair.getValue()));
    return read(keys(shallow), NodeScope.top(whole, problems));
  }

  /** Refuses absurd keys at once, before they are taken apart level by level. */
  private boolean isTooDeep(String key, Entry entry) {
    boolean tooDeep = key.chars().filter(c -> c == '.').count() > 2 * MAXIMUM_DEPTH;
    if (tooDeep) {
      problems.key(entry, TOO_DEEP);
    }
    return tooDeep;
  }

  private NodeKeys keys(Map<String, Entry> entries) {
    new FileNameReader(lookup, problems).expandNamesBelow(entries);
    return new NodeKeys(entries);
  }

  private NodeSpec read(NodeKeys keys, NodeScope scope) {
    Optional<String> driver = driver(keys, scope);
    Optional<KnownDrivers> known = known(keys, driver, scope);
    KnownDrivers possible = known.orElseGet(() -> KnownDrivers.all(lookup));
    keys.split(possible);
    keys.nodeName().ifPresent(name -> checkNodeName(name, scope));
    Map<String, OptionValue> options =
        known.map(drivers -> readOptions(keys, drivers, scope)).orElse(Map.of());
    Map<String, ChildSpec> children = new LinkedHashMap<>();
    keys.children()
        .forEach(
            (role, child) ->
                readChild(role, child, possible, scope)
                    .ifPresent(spec -> children.put(role, spec)));
    return new NodeSpec(driver, keys.nodeName().map(Entry::text), options, children);
  }

  /** The driver that is named, or that goes without saying where there is a file name. */
  private Optional<String> driver(NodeKeys keys, NodeScope scope) {
    boolean isHostFile =
        !scope.isTop() && dialect.probes() && keys.own().containsKey(NodeKeys.FILENAME);
    return keys.driver()
        .map(Entry::text)
        .or(() -> isHostFile ? Optional.of("file") : Optional.empty());
  }

  /** The drivers that the node may have; empty, and a problem, if the one it names is unknown. */
  private Optional<KnownDrivers> known(NodeKeys keys, Optional<String> name, NodeScope scope) {
    if (name.isEmpty()) {
      boolean isFileOfImage = scope.is(NodeKeys.FILE) && scope.mayBeNamedByImage();
      return Optional.of(
          isFileOfImage ? KnownDrivers.protocols(lookup) : KnownDrivers.formats(lookup));
    }
    Optional<BlockDriverProvider> driver = lookup.find(name.get());
    if (driver.isEmpty()) {
      List<String> names = lookup.all().stream().map(BlockDriverProvider::name).toList();
      String words =
          dialect.probes()
              ? "Unknown driver '%s'"
              : "Parameter 'driver' does not accept value '%s'";
      scope
          .problems()
          .value(
              keys.driver().orElseGet(() -> keys.own().get(NodeKeys.FILENAME)),
              words.formatted(name.get()),
              String.join(", ", names),
              Suggestions.nearest(name.get(), names));
    }
    return driver.map(KnownDrivers::named);
  }

  private Map<String, OptionValue> readOptions(NodeKeys keys, KnownDrivers known, NodeScope scope) {
    boolean leaves = dialect.leavesUnknown() && driver(keys, scope).isEmpty();
    boolean incomplete =
        !partial
            && (dialect.leavesUnknown()
                || keys.own().keySet().stream().allMatch(key -> isNoSubstitute(key, known)))
            && new MissingParts(dialect).check(keys, known, scope);
    if (incomplete && keys.driver().isEmpty()) {
      return Map.of();
    }
    NodeOptions options = new NodeOptions(known, dialect, scope.problems());
    keys.own()
        .forEach(
            (key, entry) -> {
              boolean isKnown = !known.find(key).isEmpty() && !dialect.lacks(key);
              if (!isKnown && leaves && entry.value().isPresent()) {
                options.leave(key, entry);
              } else if (!isKnown) {
                refuse(key, entry, scope, known);
              } else {
                options.add(key, entry);
              }
            });
    if (!partial) {
      options.checkTogether();
    }
    return options.values();
  }

  /** Whether a key cannot have been meant to be the part that is missing. */
  private boolean isNoSubstitute(String key, KnownDrivers known) {
    return !dialect.probes() || key.equals(NodeKeys.FILENAME) || !known.find(key).isEmpty();
  }

  private void refuse(String key, Entry entry, NodeScope scope, KnownDrivers known) {
    String message =
        dialect.probes()
            ? known.refusal(key)
            : "Parameter '%s' is unexpected".formatted(scope.path() + key);
    if (entry.form() == Entry.Form.SHORT) {
      scope.problems().key(entry, message, "", CommaHint.of(entry));
      return;
    }
    Set<String> names = known.optionNames();
    if (scope.isTop() && dialect.probes()) {
      names.addAll(DriveReader.KEYS);
    }
    scope
        .problems()
        .key(
            entry,
            message,
            String.join(", ", names),
            suggestion(key, names, known.roles()).map(word -> scope.path() + word));
  }

  private Optional<String> suggestion(String key, Set<String> names, Set<String> roles) {
    Optional<String> whole = Suggestions.nearest(key, names);
    int dot = key.indexOf('.');
    if (whole.isPresent()) {
      return whole;
    }
    if (dot < 0) {
      return roles.contains(NodeKeys.FILE)
          ? Suggestions.nearest(key, KnownDrivers.protocols(lookup).ownOptionNames())
              .map(word -> NodeKeys.FILE + "." + word)
          : Optional.empty();
    }
    return Suggestions.nearest(key.substring(0, dot), roles).map(r -> r + key.substring(dot));
  }

  private Optional<ChildSpec> readChild(
      String role, NodeKeys.Child child, KnownDrivers drivers, NodeScope above) {
    if (drivers.refusesRole(role)) {
      above
          .problems()
          .add(
              OptionProblem.of(above.path() + role, "not supported yet: " + role),
              child.entries().stream().map(Entry::keyPlace).toList());
      return Optional.empty();
    }
    Problems inRole =
        role.equals(NodeKeys.BACKING) && dialect.probes()
            ? above.problems().prefixed("Could not open backing file: ")
            : above.problems();
    NodeScope scope = above.below(role, child.first().keyPlace(), inRole);
    if (child.reference().isEmpty()) {
      if (scope.depth() > MAXIMUM_DEPTH) {
        inRole.key(child.first(), TOO_DEEP);
        return Optional.empty();
      }
      return Optional.of(new ChildSpec.Inline(read(keys(child.described()), scope)));
    }
    if (child.described().isEmpty()) {
      return readReference(child.reference().get(), scope);
    }
    String message =
        dialect.probes()
            ? "Cannot reference an existing block device with additional options or a new filename"
            : "Parameters '%s*' used inconsistently".formatted(scope.path());
    inRole.value(child.reference().get(), message, "", Optional.empty());
    return Optional.empty();
  }

  private Optional<ChildSpec> readReference(Entry reference, NodeScope scope) {
    boolean isName = reference.value().orElse(null) instanceof OptionValue.Text;
    if (scope.is(NodeKeys.BACKING) && reference.text().isEmpty()) {
      if (isName) {
        warnings.add(
            new OptionWarning(
                reference.key(),
                "Use of \"backing\": \"\" is deprecated; use \"backing\": null instead",
                ""));
      }
      return Optional.of(new ChildSpec.None());
    }
    if (isName && !reference.text().isEmpty()) {
      return Optional.of(new ChildSpec.Reference(reference.text()));
    }
    String message =
        isName
            ? "Cannot find device='' nor node-name=''"
            : "Invalid parameter type for '%s', expected: BlockdevRef".formatted(scope.name());
    scope
        .problems()
        .value(reference, message, "a node's name or its description", Optional.empty());
    return Optional.empty();
  }

  private static void checkNodeName(Entry entry, NodeScope scope) {
    if (entry.value().orElse(null) instanceof OptionValue.Text) {
      Identifiers.checkNodeName(entry, scope.problems());
    } else {
      String message = "Invalid parameter type for 'node-name', expected: string";
      scope.problems().value(entry, message, "string", Optional.empty());
    }
  }
}
