package dev.platter.conf;

import dev.platter.api.option.OptionProblem;
import java.util.Optional;

/** Refuses nodes that lack what nothing else can tell. */
final class MissingParts {
  private final Dialect dialect;

  MissingParts(Dialect dialect) {
    this.dialect = dialect;
  }

  /**
   * Checks a node.
   *
   * @param drivers those that the node may have
   * @return whether anything is missing
   */
  boolean check(NodeKeys node, KnownDrivers drivers, NodeScope scope) {
    Optional<String> message = message(node, drivers, scope);
    message.ifPresent(
        words -> scope.problems().add(OptionProblem.of(scope.name(), words), place(node, scope)));
    return message.isPresent();
  }

  private Optional<String> message(NodeKeys node, KnownDrivers drivers, NodeScope scope) {
    boolean hasFile = node.children().containsKey(NodeKeys.FILE);
    if (!dialect.probes()) {
      return strictMessage(node, drivers, scope, hasFile);
    }
    if (node.driver().isPresent()) {
      boolean needsFile = drivers.roles().contains(NodeKeys.FILE) && !scope.mayBeNamedByImage();
      return needsFile && !hasFile
          ? Optional.of("A block device must be specified for \"file\"")
          : Optional.empty();
    }
    if (scope.isTop() && !hasFile) {
      return Optional.of("Must specify either driver or file");
    }
    if (scope.is(NodeKeys.FILE)
        && scope.depth() == 1
        && !hasFile
        && !node.own().containsKey(NodeKeys.FILENAME)) {
      return Optional.of("The 'file' block driver requires a file name");
    }
    return Optional.empty();
  }

  private static Optional<String> strictMessage(
      NodeKeys node, KnownDrivers drivers, NodeScope scope, boolean hasFile) {
    if (node.driver().isEmpty()) {
      return Optional.of("Parameter '%sdriver' is missing".formatted(scope.path()));
    }
    return drivers.roles().contains(NodeKeys.FILE) && !hasFile
        ? Optional.of("Parameter '%sfile' is missing".formatted(scope.path()))
        : Optional.empty();
  }

  private static SourceText.Place place(NodeKeys node, NodeScope scope) {
    Entry fileName = node.own().get(NodeKeys.FILENAME);
    return fileName == null ? scope.place() : fileName.keyPlace();
  }
}
