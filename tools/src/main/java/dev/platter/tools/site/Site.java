package dev.platter.tools.site;

import dev.platter.api.driver.BlockEvent;
import dev.platter.api.driver.OpenGate;
import dev.platter.api.error.OptionException;
import dev.platter.conf.DriveSyntaxException;
import dev.platter.conf.OptionWarning;
import dev.platter.conf.ParsedDrive;
import dev.platter.conf.SiteDefaults;
import dev.platter.graph.DriverRegistry;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.Drive;
import dev.platter.harness.NamedObjects;
import dev.platter.harness.RuntimeSettings;
import dev.platter.harness.blk.AccessListener;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Terminal;
import dev.platter.tools.image.GateOption;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The site's defaults, applied: runtimes that follow them, and drives read with them. */
public final class Site {
  private final SiteDefaults defaults;
  private final Terminal terminal;

  private Site(SiteDefaults defaults, Terminal terminal) {
    this.defaults = defaults;
    this.terminal = terminal;
  }

  /**
   * Loads the defaults.
   *
   * @param terminal where warnings go later
   * @throws CommandFailure if they are refused, with everything that is wrong
   */
  public static Site load(Terminal terminal) throws IOException, CommandFailure {
    try {
      return new Site(SiteDefaults.load(DriverRegistry.discover()), terminal);
    } catch (DriveSyntaxException e) {
      throw new CommandFailure("the site's defaults are not accepted")
          .withHint(e.report() + "\n")
          .causedBy(e);
    }
  }

  /** The defaults. */
  SiteDefaults defaults() {
    return defaults;
  }

  /** A runtime that follows the defaults; the caller closes it. */
  public BlockRuntime runtime() {
    return runtime(Optional.empty(), NamedObjects.NONE);
  }

  /**
   * A runtime that follows the defaults; the caller closes it.
   *
   * @param gate decides about files that images name; empty for the defaults'
   * @param objects what options of drives name; they stay the caller's
   */
  public BlockRuntime runtime(Optional<OpenGate> gate, NamedObjects objects) {
    RuntimeSettings settings = RuntimeSettings.of(defaults);
    return BlockRuntime.create(
        settings
            .withGate(gate.orElseGet(() -> GateOption.explained(settings.gate())))
            .withObjects(objects)
            .withEvents(this::warn));
  }

  /**
   * Opens the drive of an option string, in which {@code @NAME} stands for a drive of the site's.
   *
   * @param runtime one of this site's
   * @throws CommandFailure if the string is refused, with what is wrong and where
   */
  public Drive open(BlockRuntime runtime, String text, BlkOptions options, AccessListener listener)
      throws IOException, CommandFailure {
    try {
      ParsedDrive parsed = defaults.parser().parse(text);
      warn(parsed.warnings());
      return runtime.open(parsed.drive(), options, listener);
    } catch (OptionException e) {
      throw refusal("the drive is not accepted", text, e);
    }
  }

  /**
   * A refusal of options that shows each problem where it stands.
   *
   * @param message what is refused
   * @param text the option string that the problems are about
   */
  public static CommandFailure refusal(String message, String text, OptionException e) {
    return new CommandFailure(message)
        .withHint(DriveSyntaxException.locate(text, e).report() + "\n")
        .causedBy(e);
  }

  private void warn(List<OptionWarning> warnings) {
    warnings.forEach(warning -> warn(warning.toString()));
  }

  private void warn(BlockEvent event) {
    if (!(event instanceof BlockEvent.RepairFinding)) { // summed up by a warning
      warn(event.message());
    }
  }

  private void warn(String message) {
    terminal.err().println("platter: warning: " + message);
  }
}
