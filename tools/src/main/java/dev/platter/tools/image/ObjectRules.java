package dev.platter.tools.image;

import dev.platter.tools.CommandFailure;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What QEMU's programs accept of {@code --object}, and how they refuse the rest. */
final class ObjectRules {
  static final String SECRET = "secret";
  static final String THROTTLE_GROUP = "throttle-group";
  static final String TYPE = "qom-type";
  static final String ID = "id";

  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z][A-Za-z0-9._-]*");
  private static final Set<String> SECRET_KEYS =
      Set.of(TYPE, ID, "data", "file", "format", "keyid", "iv");

  /** Those that QEMU's programs make, and nothing here has a use for. */
  private static final Set<String> UNUSED =
      Set.of(
          "authz-list",
          "authz-list-file",
          "authz-simple",
          "main-loop",
          "pr-manager-helper",
          "secret_keyring",
          "thread-context",
          "tls-cipher-suites",
          "tls-creds-anon",
          "tls-creds-psk",
          "tls-creds-x509");

  /** Those of a machine, which its programs for images know by name only. */
  private static final Set<String> OF_MACHINES =
      Set.of(
          "can-bus",
          "can-host-socketcan",
          "colo-compare",
          "cryptodev-backend",
          "cryptodev-backend-builtin",
          "cryptodev-backend-lkcf",
          "cryptodev-vhost-user",
          "dbus-vmstate",
          "filter-buffer",
          "filter-dump",
          "filter-mirror",
          "filter-redirector",
          "filter-replay",
          "filter-rewriter",
          "input-barrier",
          "input-linux",
          "iothread",
          "memory-backend-file",
          "memory-backend-memfd",
          "memory-backend-ram",
          "qtest",
          "rng-builtin",
          "rng-egd",
          "rng-random",
          "s390-pv-guest",
          "sev-guest",
          "tpm-emulator",
          "x-remote-object");

  private ObjectRules() {}

  /** The types of objects that QEMU's programs for images make, sorted. */
  static Set<String> types() {
    Set<String> types = new TreeSet<>(UNUSED);
    types.addAll(Set.of(SECRET, THROTTLE_GROUP));
    return types;
  }

  /** Whether there is such a type, here or in a machine. */
  static boolean isKnown(String type) {
    return types().contains(type) || OF_MACHINES.contains(type);
  }

  /** Refuses what is no secret and no throttle group, or has no good name. */
  static void check(Map<String, String> properties) throws CommandFailure {
    String type = properties.getOrDefault(TYPE, "");
    if (type.isEmpty()) {
      throw missing(TYPE);
    }
    boolean used = type.equals(SECRET) || type.equals(THROTTLE_GROUP);
    if (!used && !UNUSED.contains(type) && !OF_MACHINES.contains(type)) {
      throw new CommandFailure("Parameter '%s' does not accept value '%s'".formatted(TYPE, type));
    }
    if (!properties.containsKey(ID)) {
      throw missing(ID);
    }
    if (type.equals(SECRET)) {
      checkSecret(properties);
    }
    if (!IDENTIFIER.matcher(properties.get(ID)).matches()) {
      throw new CommandFailure("Parameter 'id' expects an identifier")
          .withHint(
              "Identifiers consist of letters, digits, '-', '.', '_', starting with a letter.\n");
    }
    if (!used) {
      throw new CommandFailure(
          (OF_MACHINES.contains(type) ? "invalid object type: " : "not supported yet: --object ")
              + type);
    }
  }

  private static void checkSecret(Map<String, String> properties) throws CommandFailure {
    for (String key : properties.keySet()) {
      if (!SECRET_KEYS.contains(key)) {
        throw new CommandFailure("Parameter '%s' is unexpected".formatted(key));
      }
    }
  }

  private static CommandFailure missing(String key) {
    return new CommandFailure("Parameter '%s' is missing".formatted(key));
  }
}
