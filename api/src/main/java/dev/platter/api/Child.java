package dev.platter.api;

import java.io.IOException;
import java.util.Objects;

/**
 * A reference from a node to a node below it, with the duty to close it or not.
 *
 * @param node the node below
 * @param owned whether {@link #close()} closes the node
 */
public record Child(BlockNode node, boolean owned) implements AutoCloseable {

  public Child {
    Objects.requireNonNull(node, "node");
  }

  /** A child that is closed with its holder. */
  public static Child owned(BlockNode node) {
    return new Child(node, true);
  }

  /** A child that somebody else closes, after its holder. */
  public static Child borrowed(BlockNode node) {
    return new Child(node, false);
  }

  /** Closes the node if it is owned; otherwise does nothing. */
  @Override
  public void close() throws IOException {
    if (owned) {
      node.close();
    }
  }
}
