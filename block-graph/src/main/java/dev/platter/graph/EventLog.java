package dev.platter.graph;

import dev.platter.api.driver.BlockEvent;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Where events go if nobody asked for them. */
final class EventLog {
  private static final Logger LOG = System.getLogger("dev.platter.graph");

  private EventLog() {}

  static void log(BlockEvent event) {
    switch (event) {
      case BlockEvent.Warning warning -> LOG.log(Level.WARNING, warning.message());
      case BlockEvent.ImageCorrupted corrupted -> LOG.log(Level.ERROR, corrupted.message());
    }
  }
}
