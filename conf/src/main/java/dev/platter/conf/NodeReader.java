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

  private static final String DRIVER = "driver";
  private static final String NODE_NAME = "node-name";
  private static final String FILE = "file";
  private static final String BACKING = "backing";
  private static final String FILENAME = "filename";

  private final DriverLookup lookup;
  private final Dialect dialect;
  private final boolean partial;
  private final Problems problems;
  private final List<OptionWarning> warnings;

  /**
   * @param partial whether parts may be missing that another text will add
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
    return read(entries, new Scope(Optional.empty(), "", 0, whole, problems));
  }

  /**
   * A node's place in the tree.
   *
   * @param role the role below the node above; empty for the top node
   * @param path what stands before the node's keys: {@code backing.file.}
   */
  private record Scope(
      Optional<String> role, String path, int depth, SourceText.Place place, Problems problems) {
    Scope below(String childRole, SourceText.Place childPlace, Problems childProblems) {
      return new Scope(
          Optional.of(childRole), path + childRole + ".", depth + 1, childPlace, childProblems);
    }

    boolean isTop() {
      return role.isEmpty();
    }
  }

  /** What stands about one child: a reference to it, or keys that describe it. */
  private static final class ChildEntries {
    private Optional<Entry> reference = Optional.empty();
    private final Map<String, Entry> described = new LinkedHashMap<>();
  }

  private NodeSpec read(Map<String, Entry> entries, Scope scope) {
    Map<String, Entry> own = new LinkedHashMap<>(entries);
    Optional<Entry> driver = Optional.ofNullable(own.remove(DRIVER));
    Optional<Entry> nodeName = Optional.ofNullable(own.remove(NODE_NAME));
    nodeName.ifPresent(name -> checkNodeName(name, scope));
    Optional<String> driverName = driver.map(Entry::text);
    if (driverName.isEmpty() && own.containsKey(FILENAME) && !scope.isTop() && dialect.probes()) {
      driverName = Optional.of(FILE);
    }
    KnownDrivers known = known(driver, driverName, scope);
    boolean isKnown = driver.isEmpty() || known.drivers().size() == 1;
    Map<String, ChildEntries> children = splitChildren(own, known);
    NodeOptions options = new NodeOptions(known, dialect, scope.problems());
    if (isKnown) {
      own.forEach((key, entry) -> readOwn(key, entry, scope, known, options));
    }
    checkComplete(driver, own, children, known, isKnown, scope);
    Map<String, ChildSpec> nodes = new LinkedHashMap<>();
    children.forEach(
        (role, child) -> readChild(role, child, scope).ifPresent(spec -> nodes.put(role, spec)));
    return new NodeSpec(driverName, nodeName.map(Entry::text), options.read(), nodes);
  }

  private KnownDrivers known(Optional<Entry> entry, Optional<String> name, Scope scope) {
    if (name.isEmpty()) {
      return KnownDrivers.formats(lookup);
    }
    Optional<BlockDriverProvider> driver = lookup.find(name.get());
    if (driver.isEmpty()) {
      List<String> names = lookup.all().stream().map(BlockDriverProvider::name).toList();
      entry.ifPresent(
          written ->
              scope
                  .problems()
                  .value(
                      written,
                      dialect.probes()
                          ? "Unknown driver '%s'".formatted(name.get())
                          : "Parameter 'driver' does not accept value '%s'".formatted(name.get()),
                      String.join(", ", names),
                      Suggestions.nearest(name.get(), names)));
    }
    return driver.map(KnownDrivers::named).orElseGet(() -> KnownDrivers.all(lookup));
  }

  /** Takes out of {@code own} what is about children. */
  private static Map<String, ChildEntries> splitChildren(
      Map<String, Entry> own, KnownDrivers known) {
    Map<String, ChildEntries> children = new LinkedHashMap<>();
    Set<String> roles = known.roles();
    own.entrySet()
        .removeIf(
            pair -> {
              String key = pair.getKey();
              int dot = key.indexOf('.');
              String role = dot < 0 ? key : key.substring(0, dot);
              if (!roles.contains(role) || !known.find(key).isEmpty()) {
                return false;
              }
              ChildEntries child = children.computeIfAbsent(role, r -> new ChildEntries());
              if (dot < 0) {
                child.reference = Optional.of(pair.getValue());
              } else {
                child.described.put(key.substring(dot + 1), pair.getValue());
              }
              return true;
            });
    return children;
  }

  private void readOwn(
      String key, Entry entry, Scope scope, KnownDrivers known, NodeOptions options) {
    if (known.find(key).isEmpty()) {
      refuse(key, entry, scope, known);
    } else {
      options.add(key, entry);
    }
  }

  private void refuse(String key, Entry entry, Scope scope, KnownDrivers known) {
    String message =
        dialect.probes()
            ? known.refusal(key)
            : "Parameter '%s' is unexpected".formatted(scope.path() + key);
    if (entry.form() == Entry.Form.SHORT) {
      scope.problems().key(entry, message, "a comma in a value is written ,,", CommaHint.of(entry));
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

  private static Optional<String> suggestion(String key, Set<String> names, Set<String> roles) {
    Optional<String> whole = Suggestions.nearest(key, names);
    int dot = key.indexOf('.');
    if (whole.isPresent() || dot < 0) {
      return whole;
    }
    return Suggestions.nearest(key.substring(0, dot), roles).map(r -> r + key.substring(dot));
  }

  private Optional<ChildSpec> readChild(String role, ChildEntries child, Scope above) {
    Optional<Entry> first = child.described.values().stream().findFirst();
    SourceText.Place place = first.or(() -> child.reference).orElseThrow().keyPlace();
    Scope scope = above.below(role, place, problemsOf(role, above));
    if (child.reference.isEmpty()) {
      if (scope.depth() > MAXIMUM_DEPTH) {
        String message = "nodes are nested more than %d deep".formatted(MAXIMUM_DEPTH);
        scope.problems().key(first.orElseThrow(), message);
        return Optional.empty();
      }
      return Optional.of(new ChildSpec.Inline(read(child.described, scope)));
    }
    if (first.isPresent()) {
      scope
          .problems()
          .value(
              child.reference.get(),
              dialect.probes()
                  ? "Cannot reference an existing block device with additional options or a new"
                      + " filename"
                  : "Parameters '%s*' used inconsistently".formatted(scope.path()),
              "",
              Optional.empty());
      return Optional.empty();
    }
    return readReference(role, child.reference.get(), scope);
  }

  private Problems problemsOf(String role, Scope above) {
    return role.equals(BACKING) && dialect.probes()
        ? above.problems().prefixed("Could not open backing file: ")
        : above.problems();
  }

  private Optional<ChildSpec> readReference(String role, Entry reference, Scope scope) {
    boolean isName = reference.value().orElse(null) instanceof OptionValue.Text;
    if (role.equals(BACKING) && reference.text().isEmpty()) {
      if (isName) {
        warnings.add(
            new OptionWarning(
                reference.key(),
                "Use of \"backing\": \"\" is deprecated",
                "use \"backing\": null instead"));
      }
      return Optional.of(new ChildSpec.None());
    }
    if (!isName || reference.text().isEmpty()) {
      String path = scope.path().substring(0, scope.path().length() - 1);
      scope
          .problems()
          .value(
              reference,
              isName
                  ? "Cannot find device='' nor node-name=''"
                  : "Invalid parameter type for '%s', expected: BlockdevRef".formatted(path),
              "a node's name or its description",
              Optional.empty());
      return Optional.empty();
    }
    return Optional.of(new ChildSpec.Reference(reference.text()));
  }

  private void checkNodeName(Entry entry, Scope scope) {
    if (!(entry.value().orElse(null) instanceof OptionValue.Text)) {
      scope
          .problems()
          .value(
              entry,
              "Invalid parameter type for 'node-name', expected: string",
              "string",
              Optional.empty());
      return;
    }
    Identifiers.checkNodeName(entry, scope.problems());
  }

  /** Refuses a node that lacks what nothing else can tell. */
  private void checkComplete(
      Optional<Entry> driver,
      Map<String, Entry> own,
      Map<String, ChildEntries> children,
      KnownDrivers known,
      boolean isKnown,
      Scope scope) {
    if (partial || !isKnown) {
      return;
    }
    boolean hasFile = children.containsKey(FILE);
    if (driver.isEmpty() && !dialect.probes()) {
      missing(scope, "Parameter '%sdriver' is missing".formatted(scope.path()));
    } else if (driver.isEmpty() && scope.isTop() && !hasFile) {
      missing(scope, "Must specify either driver or file");
    } else if (driver.isPresent()
        && !hasFile
        && known.roles().contains(FILE)
        && !(dialect.probes() && scope.role().equals(Optional.of(BACKING)))) {
      missing(
          scope,
          dialect.probes()
              ? "A block device must be specified for \"file\""
              : "Parameter '%sfile' is missing".formatted(scope.path()));
    } else if (driver.isEmpty()
        && scope.role().equals(Optional.of(FILE))
        && !hasFile
        && !own.containsKey(FILENAME)
        && scope.depth() == 1) {
      missing(scope, "The 'file' block driver requires a file name");
    }
  }

  private void missing(Scope scope, String message) {
    scope
        .problems()
        .add(
            new OptionProblem(
                scope.path().isEmpty() ? "" : scope.path().substring(0, scope.path().length() - 1),
                message,
                "",
                "",
                Optional.empty()),
            scope.place());
  }
}
