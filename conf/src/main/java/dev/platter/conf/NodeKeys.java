package dev.platter.conf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The keys of one node, sorted: its driver, its name, its options, and what is about children. */
final class NodeKeys {
  static final String FILE = "file";
  static final String BACKING = "backing";
  static final String FILENAME = "filename";
  private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,8}");

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
    Set<String> numbered = drivers.numberedRoles();
    own.entrySet()
        .removeIf(
            pair -> {
              String key = pair.getKey();
              String role = role(key, numbered);
              boolean isChild =
                  (roles.contains(role) || role.length() > firstWord(key).length())
                      && drivers.find(key).isEmpty();
              if (isChild) {
                boolean isAll = key.length() == role.length();
                addChild(role, isAll ? "" : key.substring(role.length() + 1), pair.getValue());
              }
              return isChild;
            });
  }

  /** The first word of a key, and the number behind it where nodes in that role are counted. */
  private static String role(String key, Set<String> numbered) {
    String first = firstWord(key);
    if (first.length() == key.length() || !numbered.contains(first)) {
      return first;
    }
    String number = firstWord(key.substring(first.length() + 1));
    return NUMBER.matcher(number).matches() ? first + "." + number : first;
  }

  private static String firstWord(String key) {
    int dot = key.indexOf('.');
    return dot < 0 ? key : key.substring(0, dot);
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
