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
      case BlockEvent.Warning _, BlockEvent.RawGuessed _ -> LOG.log(Level.WARNING, event.message());
      case BlockEvent.RepairFinding _ -> LOG.log(Level.DEBUG, event.message());
      case BlockEvent.ImageCorrupted _ -> LOG.log(Level.ERROR, event.message());
    }
  }
}
