package dev.platter.tools.site;

import dev.platter.api.driver.OpenGate;
import dev.platter.api.error.ImageRefusedException;
import dev.platter.conf.DriveSyntaxException;
import dev.platter.conf.SiteDefaults;
import dev.platter.graph.DriverRegistry;
import dev.platter.harness.RuntimeSettings;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.GateOption;
import java.io.IOException;
import java.util.Optional;

/** The site's gate, looked up when an image first names a file: most name none. */
public final class SiteGate implements OpenGate {
  private OpenGate gate;

  private SiteGate() {}

  /**
   * The gate for a command.
   *
   * @param option the value of {@code --gate}, if it was given; it goes before the site's
   * @throws CommandFailure if it is not understood
   */
  public static OpenGate unless(Optional<String> option) throws CommandFailure {
    return option.isPresent() ? GateOption.gate(option.get()) : new SiteGate();
  }

  @Override
  public void check(ImplicitOpen open) throws ImageRefusedException {
    gate().check(open);
  }

  private synchronized OpenGate gate() throws ImageRefusedException {
    if (gate == null) {
      try {
        SiteDefaults site = SiteDefaults.load(DriverRegistry.discover());
        gate = GateOption.explained(RuntimeSettings.of(site).gate());
      } catch (IOException e) {
        String why = e instanceof DriveSyntaxException bad ? bad.report() : e.getMessage();
        ImageRefusedException refusal =
            new ImageRefusedException("the site's defaults are not accepted: " + why);
        refusal.initCause(e);
        throw refusal;
      }
    }
    return gate;
  }
}
