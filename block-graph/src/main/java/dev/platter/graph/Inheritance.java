package dev.platter.graph;

import dev.platter.api.Permissions;
import dev.platter.api.driver.FileRole;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.OptionValues;
import dev.platter.api.spec.GenericOptions;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a node takes from the one above.
 *
 * @param readOnly whether it is read-only, whatever its own options say
 * @param options generic options that stand in for what is not given
 * @param keyPrefix where its options stand in the root's: {@code backing.file.}, or empty
 * @param use what the one above does with it. What is done with a file is not known before the
 *     format is: it is locked then
 */
record Inheritance(
    boolean readOnly, Map<String, OptionValue> options, String keyPrefix, Permissions use) {
  /** For a root: nothing, beside what is done with it. */
  static Inheritance ofRoot(Permissions use) {
    return new Inheritance(false, Map.of(), "", use);
  }

  /**
   * What the node below in this role takes from a node with these options. Cache modes go down; the
   * file below a format may always be unmapped, because the format decides what is passed on.
   */
  Inheritance below(String role, OptionValues generic) {
    Map<String, OptionValue> passed = new LinkedHashMap<>();
    passOn(generic, GenericOptions.CACHE_DIRECT, passed);
    passOn(generic, GenericOptions.CACHE_NO_FLUSH, passed);
    passOn(generic, GenericOptions.FORCE_SHARE, passed);
    if (!role.equals(ChildUse.BACKING)) {
      passOn(generic, GenericOptions.AUTO_READ_ONLY, passed);
      passed.put(GenericOptions.DISCARD.name(), OptionValue.of("unmap"));
    }
    boolean readOnlyBelow =
        readOnly || generic.get(GenericOptions.READ_ONLY) || role.equals(ChildUse.BACKING);
    return new Inheritance(
        readOnlyBelow, passed, keyPrefix + role + ".", useBelow(role, useOf(generic)));
  }

  /** What the node below a filter with these options takes: requests for one are for the other. */
  Inheritance belowFilter(String role, OptionValues generic) {
    Inheritance below = below(role, generic);
    return new Inheritance(below.readOnly(), below.options(), below.keyPrefix(), useOf(generic));
  }

  /** What is done with a node of these options: what is asked of it, as far as it goes. */
  Permissions useOf(OptionValues generic) {
    boolean reads = readOnly || generic.get(GenericOptions.READ_ONLY);
    Permissions possible = reads ? use.readOnly() : use;
    return generic.get(GenericOptions.FORCE_SHARE) ? possible.sharingAll() : possible;
  }

  private static Permissions useBelow(String role, Permissions use) {
    return switch (role) {
      case ChildUse.FILE -> Permissions.NONE;
      case ChildUse.BACKING -> PermissionRules.backing(use);
      default -> PermissionRules.file(FileRole.DATA, use, true);
    };
  }

  private static void passOn(
      OptionValues generic, Option<Boolean> option, Map<String, OptionValue> passed) {
    if (generic.get(option)) {
      passed.put(option.name(), OptionValue.of(true));
    }
  }
}
