package dev.platter.graph;

import dev.platter.api.LockableNode;
import dev.platter.api.Permission;
import dev.platter.api.PermissionFilter;
import dev.platter.api.Permissions;
import dev.platter.api.error.NodeBusyException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Derives what is done with every node from who uses it, and has the host's files locked for it.
 * The caller holds the graph's lock.
 *
 * <ul>
 *   <li>I1: a node is looked at after everyone above it, in a loop: a chain costs no stack.
 *   <li>I2: every new lock is taken before any old one is let go. If one is refused, all are as
 *       they were.
 * </ul>
 */
final class PermissionUpdate {
  private final Map<NodeEntry, Permissions> uses = new HashMap<>();

  private PermissionUpdate() {}

  /**
   * Brings the locks of all nodes in line with their uses.
   *
   * @throws NodeBusyException if another process, or a filter, does not agree; nothing has changed
   *     then
   */
  static void apply(Collection<NodeEntry> entries) throws IOException {
    PermissionUpdate update = new PermissionUpdate();
    update.derive(entries);
    for (NodeEntry entry : entries) {
      update.refuseConflicts(entry);
    }
    update.lock();
  }

  /** Has the files below a node locked that is being opened, for what will be done with it. */
  static void lockBelow(NodeEntry entry, Permissions use) throws IOException {
    Permissions permitted = entry.permitted(use);
    if (entry.node() instanceof LockableNode lockable && !permitted.equals(entry.lockedFor())) {
      lockable.lock(permitted);
      entry.setLockedFor(permitted);
    }
    for (Map.Entry<String, NodeEntry> child : entry.children().entrySet()) {
      lockBelow(child.getValue(), PermissionRules.below(entry, child.getKey(), permitted));
    }
  }

  private void derive(Collection<NodeEntry> entries) {
    Map<NodeEntry, Integer> waitingFor = new HashMap<>();
    Deque<NodeEntry> ready = new ArrayDeque<>();
    for (NodeEntry entry : entries) {
      int above = (int) entry.uses().stream().filter(ChildUse.class::isInstance).count();
      waitingFor.put(entry, above);
      if (above == 0) {
        ready.add(entry);
      }
    }
    while (!ready.isEmpty()) {
      NodeEntry entry = ready.remove();
      uses.put(entry, entry.permitted(together(entry)));
      for (NodeEntry child : entry.children().values()) {
        if (waitingFor.merge(child, -1, Integer::sum) == 0) {
          ready.add(child); // I1
        }
      }
    }
  }

  /** What all users of a node do; without any, what its opener does. */
  private Permissions together(NodeEntry entry) {
    if (entry.uses().isEmpty()) {
      return entry.openedFor();
    }
    Permissions together = Permissions.NONE;
    for (NodeUse use : entry.uses()) {
      together = together.and(of(use));
    }
    return together;
  }

  /** Refuses what a user does, and a filter that is another user does not share. */
  private void refuseConflicts(NodeEntry entry) throws NodeBusyException {
    for (NodeUse filter : entry.uses()) {
      boolean decides =
          filter instanceof ChildUse link && link.above().node() instanceof PermissionFilter;
      for (NodeUse other : decides ? entry.uses() : List.<NodeUse>of()) {
        refuseConflict(entry, other, filter);
        refuseConflict(entry, filter, other);
      }
    }
  }

  private void refuseConflict(NodeEntry entry, NodeUse requiring, NodeUse unsharing)
      throws NodeBusyException {
    Set<Permission> conflicts = new TreeSet<>(of(requiring).held());
    conflicts.removeAll(of(unsharing).shared());
    if (!requiring.equals(unsharing) && !conflicts.isEmpty()) {
      throw new NodeBusyException(
          ("Permission conflict on node '%s': permissions '%s' are both required by %s and"
                  + " unshared by %s.")
              .formatted(
                  entry.name(),
                  conflicts.stream().map(Permission::words).collect(Collectors.joining(", ")),
                  described(entry, requiring),
                  described(entry, unsharing)));
    }
  }

  private static String described(NodeEntry entry, NodeUse use) {
    String user =
        switch (use) {
          case BackendUse backend -> "block device '%s'".formatted(backend.userName());
          case ChildUse link -> "node '%s'".formatted(link.userName());
        };
    String role = use instanceof ChildUse link ? link.child() : "root";
    return "%s (uses node '%s' as '%s' child)".formatted(user, entry.name(), role);
  }

  private Permissions of(NodeUse use) {
    return switch (use) {
      case BackendUse backend -> backend.permissions();
      case ChildUse link ->
          PermissionRules.below(link.above(), link.child(), uses.get(link.above()));
    };
  }

  private void lock() throws IOException {
    List<NodeEntry> changed = new ArrayList<>();
    try {
      for (Map.Entry<NodeEntry, Permissions> use : uses.entrySet()) {
        NodeEntry entry = use.getKey();
        if (entry.node() instanceof LockableNode node
            && !entry.lockedFor().equals(use.getValue())) {
          changed.add(entry);
          node.lock(entry.lockedFor().and(use.getValue())); // I2
        }
      }
    } catch (IOException e) {
      changed.forEach(entry -> settle(entry, entry.lockedFor(), e));
      throw e;
    }
    for (NodeEntry entry : changed) {
      ((LockableNode) entry.node()).lock(uses.get(entry));
      entry.setLockedFor(uses.get(entry));
    }
  }

  /** Goes back to locks that are still held: only lets go of others. */
  private static void settle(NodeEntry entry, Permissions before, IOException failure) {
    try {
      ((LockableNode) entry.node()).lock(before);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
