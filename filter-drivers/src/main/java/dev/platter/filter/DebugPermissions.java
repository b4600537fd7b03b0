package dev.platter.filter;

import dev.platter.api.Permission;
import dev.platter.api.Permissions;
import dev.platter.api.option.OptionType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What {@code blkdebug} does with the node below beyond what is asked, and what it lets nobody else
 * do.
 */
record DebugPermissions(Set<Permission> taken, Set<Permission> unshared) {
  /** The words of option strings. */
  enum Word implements OptionType.Word {
    CONSISTENT_READ("consistent-read", Permission.CONSISTENT_READ),
    WRITE("write", Permission.WRITE),
    WRITE_UNCHANGED("write-unchanged", Permission.WRITE_UNCHANGED),
    RESIZE("resize", Permission.RESIZE);

    private final String word;
    private final Permission permission;

    Word(String word, Permission permission) {
      this.word = word;
      this.permission = permission;
    }

    @Override
    public String word() {
      return word;
    }
  }

  static DebugPermissions of(List<Word> taken, List<Word> unshared) {
    return new DebugPermissions(permissions(taken), permissions(unshared));
  }

  private static Set<Permission> permissions(List<Word> words) {
    return words.stream()
        .map(word -> word.permission)
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Permission.class)));
  }

  /** Whether the node below has to be writable. */
  boolean writes() {
    return taken.contains(Permission.WRITE) || taken.contains(Permission.WRITE_UNCHANGED);
  }

  Permissions below(Permissions asked) {
    return asked
        .holding(taken.toArray(Permission[]::new))
        .withholding(unshared.toArray(Permission[]::new));
  }
}
