package dev.platter.graph;

import dev.platter.api.BlockNode;

/** One reference to a node, from a node above it or from a backend. */
sealed interface NodeUse permits BackendUse, ChildUse {
  /** What the node is to its user: {@code backing hd}, {@code file}, {@code root}. */
  String role();

  /** The name of the node or backend that refers to the node. */
  String userName();

  /** Whether the user can be made to refer to another node while it works. */
  boolean canRedirect();

  /** Holds the user's requests to the node, and waits for those in progress. */
  void hold();

  /** Undoes {@link #hold}. */
  void resume();

  /** Makes the user refer to another node. */
  void redirect(BlockNode node);
}
