package dev.platter.conf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The keys of one node, sorted: its driver, its name, its options, and what is about children. */
final class NodeKeys {
  static final String FILE = "file";
  static final String BACKING = "backing";
  static final String FILENAME = "filename";

  private final Optional<Entry> driver;
  private final Optional<Entry> nodeName;
  private final Map<String, Entry> own;
  private final Map<String, Child> children = new LinkedHashMap<>();

  /**
   * What stands about one child: a reference to it, or keys that describe it; or, wrongly, both.
   */
  record Child(Optional<Entry> reference, Map<String, Entry> described) {
    Entry first() {
      return reference.orElseGet(() -> described.values().iterator().next());
    }

    List<Entry> entries() {
      return Stream.concat(reference.stream(), described.values().stream()).toList();
    }
  }

  NodeKeys(Map<String, Entry> entries) {
    own = new LinkedHashMap<>(entries);
    driver = Optional.ofNullable(own.remove("driver"));
    nodeName = Optional.ofNullable(own.remove("node-name"));
  }

  /** Sorts out what is about children of such drivers; until then all is the node's own. */
  void split(KnownDrivers drivers) {
    Set<String> roles = drivers.roles();
    own.entrySet()
        .removeIf(
            pair -> {
              String key = pair.getKey();
              int dot = key.indexOf('.');
              String role = dot < 0 ? key : key.substring(0, dot);
              boolean isChild = roles.contains(role) && drivers.find(key).isEmpty();
              if (isChild) {
                addChild(role, dot < 0 ? "" : key.substring(dot + 1), pair.getValue());
              }
              return isChild;
            });
  }

  private void addChild(String role, String key, Entry entry) {
    Child child = children.getOrDefault(role, new Child(Optional.empty(), new LinkedHashMap<>()));
    if (key.isEmpty()) {
      children.put(role, new Child(Optional.of(entry), child.described()));
    } else {
      child.described().put(key, entry);
      children.put(role, child);
    }
  }

  /** The entry that names the driver. */
  Optional<Entry> driver() {
    return driver;
  }

  Optional<Entry> nodeName() {
    return nodeName;
  }

  /** The options, known or not, by key. */
  Map<String, Entry> own() {
    return own;
  }

  /** The children, by role. */
  Map<String, Child> children() {
    return children;
  }
}
