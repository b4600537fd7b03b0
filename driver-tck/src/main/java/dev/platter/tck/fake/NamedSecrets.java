package dev.platter.tck.fake;

import dev.platter.api.driver.Secret;
import dev.platter.api.driver.Secrets;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Secrets that give themselves away: each consists of the letters of its name. */
public enum NamedSecrets implements Secrets {
  INSTANCE;

  @Override
  public Optional<Secret> find(String id) {
    return Optional.of(Secret.of(id.getBytes(StandardCharsets.UTF_8)));
  }
}
