package dev.platter.conf;

import dev.platter.api.driver.ThrottleLimits;
import java.util.Objects;
import java.util.Optional;

/**
 * How fast a drive's requests may be.
 *
 * @param limits at least one of which is set
 * @param group drives that name the same one share its limits: those of the drive that was opened
 *     last; without one the drive has a group of its own, by its name
 */
public record DriveThrottling(ThrottleLimits limits, Optional<String> group) {
  public DriveThrottling {
    Objects.requireNonNull(group, "group");
    if (!limits.limited()) {
      throw new IllegalArgumentException("no limit is set");
    }
  }
}
