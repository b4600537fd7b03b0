package dev.platter.harness;

import dev.platter.api.driver.Secrets;
import dev.platter.api.driver.ThrottleGroups;
import java.util.Objects;

/**
 * What options of drives refer to by name.
 *
 * @param secrets keys and passphrases
 * @param throttleGroups limits that drives may share
 */
public record NamedObjects(Secrets secrets, ThrottleGroups throttleGroups) {
  /** Nothing has a name. */
  public static final NamedObjects NONE = new NamedObjects(Secrets.NONE, ThrottleGroups.NONE);

  public NamedObjects {
    Objects.requireNonNull(secrets, "secrets");
    Objects.requireNonNull(throttleGroups, "throttleGroups");
  }
}
