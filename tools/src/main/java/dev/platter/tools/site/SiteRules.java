package dev.platter.tools.site;

import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.OpenGate;
import dev.platter.api.error.ImageRefusedException;
import dev.platter.conf.DriveSyntaxException;
import dev.platter.conf.SiteDefaults;
import dev.platter.graph.ChainLimit;
import dev.platter.graph.DriverRegistry;
import dev.platter.harness.RuntimeSettings;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageRules;
import java.io.IOException;
import java.util.Optional;

/**
 * What the site says of images. What it says of files that images name is looked up when an image
 * first names one: most name none. Any thread may use it.
 */
public final class SiteRules {
  private Optional<RuntimeSettings> settings = Optional.empty();

  /** Rules that nobody has asked for yet. */
  public SiteRules() {}

  /**
   * What holds for all images of a command.
   *
   * @param gate the value of {@code --gate}, if it was given; it goes before the site's
   * @throws CommandFailure if it is not understood, or the site's defaults are not
   */
  public ImageRules images(Optional<String> gate) throws CommandFailure {
    return new ImageRules(gate(gate), chainLimit(), cacheBudget());
  }

  private OpenGate gate(Optional<String> option) throws CommandFailure {
    return option.isPresent()
        ? GateOption.gate(option.get())
        : open -> GateOption.explained(settings().gate()).check(open);
  }

  /** The site's limit of a chain's depth. */
  private ChainLimit chainLimit() {
    return () -> settings().maxChainDepth();
  }

  /**
   * What the site lets the caches of all images hold. Read at once, but only if somebody set it.
   */
  private CacheBudget cacheBudget() throws CommandFailure {
    if (!SiteDefaults.cacheBudgetMayBeSet()) {
      return CacheBudget.unlimited();
    }
    try {
      return settings().cacheBudget();
    } catch (ImageRefusedException e) {
      throw new CommandFailure(e.getMessage()).causedBy(e);
    }
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
