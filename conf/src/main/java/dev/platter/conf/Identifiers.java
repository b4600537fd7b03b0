package dev.platter.conf;

import java.util.Optional;
import java.util.regex.Pattern;

/** QEMU's rules for the names of drives and nodes. */
final class Identifiers {
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z][A-Za-z0-9._-]*");
  private static final int MAXIMUM_NODE_NAME = 31;
  private static final String RULE = "letters, digits, '-', '.', '_', starting with a letter";

  private Identifiers() {}

  static void checkId(Entry entry, Problems problems) {
    if (!IDENTIFIER.matcher(entry.text()).matches()) {
      problems.value(entry, "Parameter 'id' expects an identifier", RULE, Optional.empty());
    }
  }

  static void checkNodeName(Entry entry, Problems problems) {
    String name = entry.text();
    if (!IDENTIFIER.matcher(name).matches()) {
      problems.value(entry, "Invalid node-name: '%s'".formatted(name), RULE, Optional.empty());
    } else if (name.length() > MAXIMUM_NODE_NAME) {
      problems.value(
          entry,
          "Node name too long",
          "at most %d characters".formatted(MAXIMUM_NODE_NAME),
          Optional.empty());
    }
  }
}
