package dev.platter.graph;

import dev.platter.api.Permissions;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValue;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One attempt to open a tree of nodes: everything that was opened on the way, so that all of it is
 * closed again, last first, if something fails.
 */
final class OpenSession {
  private final GraphSettings settings;
  private final NodeTable table;
  private final Set<String> names = new HashSet<>();
  private final List<NodeEntry> entries = new ArrayList<>();
  private final List<CommitStep> commitSteps = new ArrayList<>();
  private final Deque<Undo> undo = new ArrayDeque<>();

  OpenSession(GraphSettings settings, NodeTable table) {
    this.settings = settings;
    this.table = table;
  }

  /** Takes back one step. */
  @FunctionalInterface
  interface Undo {
    void run() throws IOException;
  }

  /** Does one step that was left until everything is open. */
  @FunctionalInterface
  interface CommitStep {
    void run() throws IOException;
  }

  GraphSettings settings() {
    return settings;
  }

  /** The name for a new node: the one given, if it is free, or one that is made. */
  String nameFor(Optional<String> given) throws OptionException {
    if (given.isEmpty()) {
      return table.makeName();
    }
    table.requireFree(given.get());
    if (!names.add(given.get())) {
      throw new OptionException(
          OptionProblem.of(
              "node-name", "Duplicate nodes with node-name='%s'".formatted(given.get())));
    }
    return given.get();
  }

  /** The open node that a reference names. */
  NodeEntry referenced(String name) throws OptionException {
    return table
        .find(name)
        .orElseThrow(
            () ->
                new OptionException(
                    OptionProblem.of(
                        "", "Cannot find device='%s' nor node-name='%s'".formatted(name, name))));
  }

  /** The options that the site gives to a driver. */
  Map<String, OptionValue> siteDefaults(String driverName) {
    return settings.driverDefaults().getOrDefault(driverName, Map.of());
  }

  /** Remembers how to take back a step. */
  void onFailure(Undo step) {
    undo.push(step);
  }

  /** Remembers what is to be done when everything has been opened. */
  void onCommit(CommitStep step) {
    commitSteps.add(step);
  }

  /** Notes a node that has been opened; it is closed if the attempt fails. */
  NodeEntry opened(NodeEntry entry) {
    entries.add(entry);
    onFailure(entry::closeNode);
    return entry;
  }

  /**
   * Has the files of a node locked before anything is read from it as an image. Those of nodes that
   * were open before are seen to when all is.
   */
  void lock(NodeEntry entry, Permissions use) throws IOException {
    if (entries.contains(entry)) {
      PermissionUpdate.lockBelow(entry, use);
    }
  }

  /** Makes everything that was opened part of the graph. */
  void commit(NodeEntry root) {
    for (NodeEntry entry : entries) {
      table.add(entry);
      entry.setClosedWithLastUse(entry != root);
      entry.children().forEach((role, child) -> child.uses().add(new ChildUse(entry, role)));
    }
  }

  /** Does what was left until everything is open, and locked. */
  void finish() throws IOException {
    for (CommitStep step : commitSteps) {
      step.run();
    }
  }

  /** Closes everything that was opened. Failures are added to {@code cause}. */
  void rollBack(Exception cause) {
    while (!undo.isEmpty()) {
      try {
        undo.pop().run();
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }
  }
}
