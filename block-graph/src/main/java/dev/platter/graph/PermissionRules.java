package dev.platter.graph;

import static dev.platter.api.Permission.CONSISTENT_READ;
import static dev.platter.api.Permission.RESIZE;
import static dev.platter.api.Permission.WRITE;
import static dev.platter.api.Permission.WRITE_UNCHANGED;

import dev.platter.api.PermissionFilter;
import dev.platter.api.Permissions;
import dev.platter.api.driver.FileRole;

/** What a node does with the nodes below it, from what is done with it: QEMU's rules. */
final class PermissionRules {
  private PermissionRules() {}

  /** What a node does with the one below it in a role. */
  static Permissions below(NodeEntry above, String role, Permissions use) {
    if (above.node() instanceof PermissionFilter filter && role.equals(ChildUse.FILE)) {
      return filter.permissionsBelow(use);
    }
    return switch (role) {
      case ChildUse.FILE -> file(above.fileRole(), use, above.writable());
      case ChildUse.BACKING -> backing(use);
      default -> file(FileRole.DATA, use, above.writable());
    };
  }

  /**
   * What a node does with the file below it.
   *
   * @param writable whether the node may write, also of its own accord
   */
  static Permissions file(FileRole role, Permissions use, boolean writable) {
    return switch (role) {
      case SAME -> use;
      case DATA -> use.withholding(RESIZE);
      case IMAGE -> {
        Permissions reading = use.holding(CONSISTENT_READ).withholding(WRITE, RESIZE);
        yield writable ? reading.holding(WRITE, RESIZE) : reading;
      }
    };
  }

  /**
   * What an overlay does with its backing file: who shares writing can stand a base that changes.
   */
  static Permissions backing(Permissions use) {
    Permissions reading =
        use.held().contains(CONSISTENT_READ)
            ? Permissions.NONE.holding(CONSISTENT_READ)
            : Permissions.NONE;
    return use.shared().contains(WRITE)
        ? reading
        : reading.sharing(CONSISTENT_READ, WRITE_UNCHANGED);
  }
}
