package dev.platter.api.spec;

/** What stands in one role below a node. */
public sealed interface ChildSpec {
  /** A node described in place; it belongs to the node above and is closed with it. */
  record Inline(NodeSpec node) implements ChildSpec {}

  /** A node that is already open, by its {@code node-name}; it is borrowed. */
  record Reference(String nodeName) implements ChildSpec {}

  /** Explicitly nothing: {@code "backing": null}. */
  record None() implements ChildSpec {}
}
