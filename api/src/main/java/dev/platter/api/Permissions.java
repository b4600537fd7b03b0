package dev.platter.api;

import static dev.platter.api.Permission.CONSISTENT_READ;
import static dev.platter.api.Permission.RESIZE;
import static dev.platter.api.Permission.WRITE;
import static dev.platter.api.Permission.WRITE_UNCHANGED;

import java.util.EnumSet;
import java.util.Set;

/**
 * What the users of a node do with it, and what they let others do meanwhile. Immutable.
 *
 * @param held what they do
 * @param shared what others may do
 */
public record Permissions(Set<Permission> held, Set<Permission> shared) {
  /** Nothing is done, and everything shared: a node that nobody uses. */
  public static final Permissions NONE = new Permissions(Set.of(), Set.of(Permission.values()));

  /** A tool reads and writes, and leaves it to its user who else does. */
  public static final Permissions TOOL = NONE.holding(CONSISTENT_READ, WRITE);

  /** A tool reads and writes and counts on nobody else writing meanwhile. */
  public static final Permissions LONE_TOOL = TOOL.sharing(CONSISTENT_READ, WRITE_UNCHANGED);

  /** A guest's disk: nobody else writes to it, or its file system would break. */
  public static final Permissions DEVICE = TOOL.sharing(CONSISTENT_READ, WRITE_UNCHANGED, RESIZE);

  public Permissions {
    held = Set.copyOf(held);
    shared = Set.copyOf(shared);
  }

  // The JVM puts together what a record has of itself at the first call, and every command that
  // opens an image would wait for that.
  @Override
  public boolean equals(Object other) {
    return other instanceof Permissions that
        && held.equals(that.held)
        && shared.equals(that.shared);
  }

  @Override
  public int hashCode() {
    return 31 * held.hashCode() + shared.hashCode();
  }

  /** The same with only these shared. */
  public Permissions sharing(Permission... shared) {
    return new Permissions(held, Set.of(shared));
  }

  /** The same with these done as well. */
  public Permissions holding(Permission... more) {
    return new Permissions(with(held, Set.of(more)), shared);
  }

  /** The same with these not shared. */
  public Permissions withholding(Permission... withheld) {
    return new Permissions(held, without(shared, Set.of(withheld)));
  }

  /** The same with everything shared: whoever reads so may see another one's writes half done. */
  public Permissions sharingAll() {
    return new Permissions(held, NONE.shared);
  }

  /** The same without writing and resizing: what is left of it on a node that is read-only. */
  public Permissions readOnly() {
    return new Permissions(without(held, Set.of(WRITE, RESIZE)), shared);
  }

  /** What two users do together, and what both of them share. */
  public Permissions and(Permissions other) {
    Set<Permission> both = EnumSet.copyOf(Permissions.NONE.shared);
    both.retainAll(shared);
    both.retainAll(other.shared);
    return new Permissions(with(held, other.held), both);
  }

  private static Set<Permission> with(Set<Permission> some, Set<Permission> more) {
    Set<Permission> all = EnumSet.noneOf(Permission.class);
    all.addAll(some);
    all.addAll(more);
    return all;
  }

  private static Set<Permission> without(Set<Permission> some, Set<Permission> fewer) {
    Set<Permission> left = EnumSet.noneOf(Permission.class);
    left.addAll(some);
    left.removeAll(fewer);
    return left;
  }
}
