package dev.platter.tools.site;

import dev.platter.conf.DriveSpec;
import dev.platter.conf.OptionWarning;
import dev.platter.conf.ParsedDrive;
import dev.platter.conf.SiteDefaults;
import dev.platter.graph.DriverRegistry;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.RuntimeSettings;
import dev.platter.tools.Terminal;
import java.io.IOException;
import java.util.List;

/** The site's defaults, applied: runtimes that follow them, and drives read with them. */
public final class Site {
  private final SiteDefaults defaults;
  private final Terminal terminal;

  private Site(SiteDefaults defaults, Terminal terminal) {
    this.defaults = defaults;
    this.terminal = terminal;
  }

  /** Loads the defaults; what is odd about them is printed to standard error. */
  public static Site load(Terminal terminal) throws IOException {
    Site site = new Site(SiteDefaults.load(DriverRegistry.discover()), terminal);
    site.warn(site.defaults.warnings());
    return site;
  }

  /** The defaults. */
  SiteDefaults defaults() {
    return defaults;
  }

  /** A runtime that follows the defaults; the caller closes it. */
  public BlockRuntime runtime() {
    return BlockRuntime.create(RuntimeSettings.of(defaults));
  }

  /** Reads an option string, in which {@code @NAME} stands for a drive of the site's. */
  public DriveSpec drive(String text) throws IOException {
    ParsedDrive parsed = defaults.parser().parse(text);
    warn(parsed.warnings());
    return parsed.drive();
  }

  private void warn(List<OptionWarning> warnings) {
    for (OptionWarning warning : warnings) {
      terminal.err().println("platter: warning: " + warning);
    }
  }
}
