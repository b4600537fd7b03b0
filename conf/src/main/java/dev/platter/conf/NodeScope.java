package dev.platter.conf;

import java.util.Optional;

/**
 * A node's place in the tree that is being read.
 *
 * @param role the role below the node above; empty for the top node
 * @param path what stands before the node's keys: {@code backing.file.}
 * @param depth how many nodes are above
 * @param place where the node is described
 * @param problems takes what is wrong with the node
 */
record NodeScope(
    Optional<String> role, String path, int depth, SourceText.Place place, Problems problems) {
  private static final String FILE = NodeKeys.FILE + ".";
  private static final String BACKING = NodeKeys.BACKING + ".";

  static NodeScope top(SourceText.Place place, Problems problems) {
    return new NodeScope(Optional.empty(), "", 0, place, problems);
  }

  /** The place of the node in this role. */
  NodeScope below(String childRole, SourceText.Place childPlace, Problems childProblems) {
    return new NodeScope(
        Optional.of(childRole), path + childRole + ".", depth + 1, childPlace, childProblems);
  }

  /** Whether an image's header may name the node's file, so that options can be added to that. */
  boolean mayBeNamedByImage() {
    String rest = path;
    while (rest.endsWith(FILE)) {
      rest = rest.substring(0, rest.length() - FILE.length());
    }
    return rest.endsWith(BACKING);
  }

  boolean isTop() {
    return role.isEmpty();
  }

  boolean is(String wanted) {
    return role.equals(Optional.of(wanted));
  }

  /** The path without the dot at its end. */
  String name() {
    return path.isEmpty() ? "" : path.substring(0, path.length() - 1);
  }
}
