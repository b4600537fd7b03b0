package dev.platter.graph;

import dev.platter.api.BlockNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A node of a graph, with who is below it and who refers to it. Guarded by the graph's lock. */
final class NodeEntry {
  private final BlockNode node;
  private final Map<String, NodeEntry> children = new LinkedHashMap<>();
  private final List<NodeUse> uses = new ArrayList<>();
  private final Optional<BlockBackend> filterInput;
  private boolean closedWithLastUse;

  /** An entry for a node that is no filter. */
  NodeEntry(BlockNode node) {
    this(node, Optional.empty());
  }

  /**
   * @param filterInput if the node is a filter, the front through which it reaches the node below
   */
  NodeEntry(BlockNode node, Optional<BlockBackend> filterInput) {
    this.node = node;
    this.filterInput = filterInput;
  }

  String name() {
    return node.name();
  }

  BlockNode node() {
    return node;
  }

  /** The front through which a filter reaches the node below, so that it can be exchanged. */
  Optional<BlockBackend> filterInput() {
    return filterInput;
  }

  /** The nodes below, by role. */
  Map<String, NodeEntry> children() {
    return children;
  }

  /** Who refers to this node. */
  List<NodeUse> uses() {
    return uses;
  }

  /** Whether the node is closed when nobody refers to it any more. */
  boolean closedWithLastUse() {
    return closedWithLastUse;
  }

  void setClosedWithLastUse(boolean closed) {
    closedWithLastUse = closed;
  }

  /** Closes this node alone. */
  void closeNode() throws IOException {
    if (node instanceof FormatNode format) {
      format.closeDriver();
    } else {
      node.close();
    }
  }
}
