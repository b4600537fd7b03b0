package dev.platter.harness;

import dev.platter.api.driver.ThrottleGroup;
import dev.platter.api.driver.ThrottleGroups;
import dev.platter.conf.DriveThrottling;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The throttle groups of drives, and those that a user has made, by name. A drive that names one of
 * the user's shares it, and gives it its limits.
 *
 * <p>Threads: any.
 */
final class DriveThrottles implements ThrottleGroups {
  private final ThrottleGroups made;
  private final Map<String, Members> groups = new HashMap<>(); // guarded by this

  private record Members(ThrottleGroup group, int count) {}

  /**
   * @param made the groups that a user has made
   */
  DriveThrottles(ThrottleGroups made) {
    this.made = made;
  }

  /** Lets a drive share a group, with its limits from now on; {@link #leave} ends that. */
  synchronized void join(String name, DriveThrottling throttling) {
    Members members = groups.get(name);
    ThrottleGroup group =
        members != null
            ? members.group()
            : made.find(name).orElseGet(() -> new ThrottleGroup(throttling.limits()));
    group.limit(throttling.limits());
    groups.put(name, new Members(group, members == null ? 1 : members.count() + 1));
  }

  /** Forgets a group that nobody else shares. */
  synchronized void leave(String name) {
    groups.computeIfPresent(
        name,
        (_, members) ->
            members.count() == 1 ? null : new Members(members.group(), members.count() - 1));
  }

  @Override
  public synchronized Optional<ThrottleGroup> find(String id) {
    Members members = groups.get(id);
    return members == null ? made.find(id) : Optional.of(members.group());
  }
}
