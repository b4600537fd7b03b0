package dev.platter.tools.site;

import dev.platter.api.driver.OpenGate;
import dev.platter.api.error.ImageRefusedException;
import dev.platter.conf.DriveSyntaxException;
import dev.platter.conf.SiteDefaults;
import dev.platter.graph.ChainLimit;
import dev.platter.graph.DriverRegistry;
import dev.platter.harness.RuntimeSettings;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.GateOption;
import java.io.IOException;
import java.util.Optional;

/**
 * What the site says of files that images name, looked up when an image first names one: most name
 * none. Any thread may use it.
 */
public final class SiteRules {
  private Optional<RuntimeSettings> settings = Optional.empty();

  /** Rules that nobody has asked for yet. */
  public SiteRules() {}

  /**
   * The gate for a command.
   *
   * @param option the value of {@code --gate}, if it was given; it goes before the site's
   * @throws CommandFailure if it is not understood
   */
  public OpenGate gate(Optional<String> option) throws CommandFailure {
    return option.isPresent()
        ? GateOption.gate(option.get())
        : open -> GateOption.explained(settings().gate()).check(open);
  }

  /** The site's limit of a chain's depth. */
  public ChainLimit chainLimit() {
    return () -> settings().maxChainDepth();
  }

  private synchronized RuntimeSettings settings() throws ImageRefusedException {
    if (settings.isEmpty()) {
      try {
        settings = Optional.of(RuntimeSettings.of(SiteDefaults.load(DriverRegistry.discover())));
      } catch (IOException e) {
        String why = e instanceof DriveSyntaxException bad ? bad.report() : e.getMessage();
        ImageRefusedException refusal =
            new ImageRefusedException("the site's defaults are not accepted: " + why);
        refusal.initCause(e);
        throw refusal;
      }
    }
    return settings.get();
  }
}
