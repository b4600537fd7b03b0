package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.Permission;
import dev.platter.api.Permissions;
import dev.platter.api.driver.FileRole;
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
  private FileRole fileRole = FileRole.SAME;
  private boolean forceShare;
  private boolean resizing;
  private Permissions openedFor = Permissions.TOOL;
  private Permissions lockedFor = Permissions.NONE;

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

  /** What the file below is to this node; its own bytes, unless it is a format's. */
  FileRole fileRole() {
    return fileRole;
  }

  /** Notes how a node treats others that use its files. */
  NodeEntry sharing(FileRole fileRole, boolean forceShare) {
    this.fileRole = fileRole;
    this.forceShare = forceShare;
    return this;
  }

  /** What its opener does with it, as long as nobody else refers to it. */
  Permissions openedFor() {
    return openedFor;
  }

  void setOpenedFor(Permissions use) {
    openedFor = use;
  }

  /** What the host's locks, if it has any, stand for. */
  Permissions lockedFor() {
    return lockedFor;
  }

  void setLockedFor(Permissions use) {
    lockedFor = use;
  }

  void setResizing(boolean resizing) {
    this.resizing = resizing;
  }

  /** Whether the node may write to those below. A backing file does not, whatever it could do. */
  boolean writable() {
    return !node.readOnly()
        && uses.stream()
            .noneMatch(
                use -> use instanceof ChildUse link && link.child().equals(ChildUse.BACKING));
  }

  /** What is left of a use, since the node is what it is. */
  Permissions permitted(Permissions use) {
    Permissions possible = node.readOnly() ? use.readOnly() : use;
    Permissions now = resizing ? possible.holding(Permission.RESIZE) : possible;
    return forceShare ? now.sharingAll() : now;
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
