package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.error.NodeBusyException;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The open nodes of a graph by name, and who refers to whom. Guarded by the graph's lock.
 *
 * <ul>
 *   <li>I1: a node is in the table from the moment its whole tree is open until it is closed.
 *   <li>I2: for every child of an entry there is one use in the child that stands for the entry.
 *   <li>I3: a node that is in use is not closed; one that belongs to those above is closed when the
 *       last of them is.
 * </ul>
 */
final class NodeTable {
  private static final Pattern WELL_FORMED = Pattern.compile("[A-Za-z][A-Za-z0-9._-]*");
  private static final int MAX_NAME_LENGTH = 31;

  private final Map<String, NodeEntry> byName = new LinkedHashMap<>();
  private final Consumer<String> warnings;
  private int madeCount;

  /**
   * @param warnings takes what cannot be helped
   */
  NodeTable(Consumer<String> warnings) {
    this.warnings = warnings;
  }

  /** A name that no node has and no user can give. */
  String makeName() {
    String number = Integer.toString(madeCount++); // a format string would load the locale's data
    return "#block" + "0".repeat(Math.max(0, 3 - number.length())) + number;
  }

  /** Refuses a name that is not well-formed, or is taken. */
  void requireFree(String name) throws OptionException {
    if (!WELL_FORMED.matcher(name).matches()) {
      throw refusal(name, "Invalid node-name: '%s'".formatted(name));
    }
    if (name.length() > MAX_NAME_LENGTH) {
      throw refusal(name, "Node name too long");
    }
    if (byName.containsKey(name)) {
      throw refusal(name, "Duplicate nodes with node-name='%s'".formatted(name));
    }
  }

  void add(NodeEntry entry) {
    byName.put(entry.name(), entry);
  }

  Optional<NodeEntry> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  /** The entry of a node, if it is one of this graph and open. */
  Optional<NodeEntry> find(BlockNode node) {
    return find(node.name()).filter(entry -> entry.node().equals(node));
  }

  /** The entry of a node that is one of this graph and open. */
  NodeEntry require(BlockNode node) {
    return find(node)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "'%s' is not an open node of this graph".formatted(node.name())));
  }

  List<BlockNode> nodes() {
    return byName.values().stream().map(NodeEntry::node).toList();
  }

  /** The nodes that nobody refers to. */
  List<NodeEntry> unused() {
    return byName.values().stream().filter(entry -> entry.uses().isEmpty()).toList();
  }

  /**
   * Closes a node, and below it whatever nobody refers to any more. All of it is closed even if
   * something fails; the first failure is thrown at the end.
   *
   * @throws NodeBusyException if something refers to the node; nothing has been closed then
   */
  void close(NodeEntry first) throws IOException {
    requireUnused(first);
    List<IOException> failures = new ArrayList<>();
    Deque<NodeEntry> left = new ArrayDeque<>(List.of(first));
    while (!left.isEmpty()) {
      NodeEntry entry = left.pop();
      try {
        entry.closeNode();
      } catch (IOException e) {
        failures.add(e);
      }
      byName.remove(entry.name());
      for (NodeEntry child : entry.children().values()) {
        child.uses().removeIf(use -> use instanceof ChildUse link && link.above() == entry);
        if (child.uses().isEmpty() && child.closedWithLastUse()) {
          left.push(child);
        }
      }
    }
    Failures.throwFirst(failures);
  }

  /** Refuses a node that something refers to. */
  void requireUnused(NodeEntry entry) throws NodeBusyException {
    if (!entry.uses().isEmpty()) {
      throw busy(entry, entry.uses().getFirst());
    }
  }

  /** Closes a node because of a failure. */
  void closeAfter(IOException failure, NodeEntry entry) {
    try {
      close(entry);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Has the hosts' files locked for what is done with them.
   *
   * @throws NodeBusyException if another process does not agree; nothing has changed then
   */
  void lockFiles() throws IOException {
    PermissionUpdate.apply(byName.values());
  }

  /** {@link #lockFiles} after something that cannot be undone, and that left less to be done. */
  void relockFiles() {
    try {
      lockFiles();
    } catch (IOException e) {
      warnings.accept("files stay locked as they were: " + e.getMessage());
    }
  }

  /** Adds a reference to a node, if the files below can be locked for it. */
  void addUse(NodeEntry entry, NodeUse use) throws IOException {
    entry.uses().add(use);
    try {
      lockFiles();
    } catch (IOException e) {
      entry.uses().remove(use);
      throw e;
    }
  }

  /** Does something that may change the size of a node, or of its file. */
  void resize(NodeEntry entry, HeadGuard.Change change) throws IOException {
    entry.setResizing(true);
    try {
      lockFiles();
      change.perform();
    } finally {
      entry.setResizing(false);
      relockFiles();
    }
  }

  /** What somebody is told who wants a node that is in use. */
  static NodeBusyException busy(NodeEntry entry, NodeUse use) {
    return new NodeBusyException(
        "Node '%s' is busy: node is used as %s of '%s'"
            .formatted(entry.name(), use.role(), use.userName()));
  }

  private static OptionException refusal(String name, String message) {
    return new OptionException(new OptionProblem("node-name", message, name, "", Optional.empty()));
  }
}
