package dev.platter.api.driver;

import java.util.Optional;

/**
 * The throttle groups that a user has made, by the names that options call them by.
 *
 * <p>Threads: any number.
 */
@FunctionalInterface
public interface ThrottleGroups {
  /** No groups. */
  ThrottleGroups NONE = id -> Optional.empty();

  /** Finds a group; empty if there is none of that name. */
  Optional<ThrottleGroup> find(String id);
}
