package dev.platter.graph;

import dev.platter.api.driver.BlockClock;
import dev.platter.api.driver.BlockEvent;
import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.DriverEnvironment;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.OpenGate;
import dev.platter.api.driver.Secrets;
import dev.platter.api.driver.ThrottleGroups;
import dev.platter.api.option.OptionValue;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a graph was built with.
 *
 * @param drivers the drivers there are
 * @param gate decides about files that images name
 * @param clock time, for drivers and statistics
 * @param events takes events; never throws
 * @param chainLimit the most layers that a chain may have
 * @param driverDefaults options by driver name that stand in for what is not given
 * @param fileNames understands file names
 * @param cacheBudget what the caches of all images may hold together
 * @param indexSize how large the index of a chain is
 * @param secrets the secrets that options name
 * @param throttleGroups the throttle groups that options name
 */
record GraphSettings(
    DriverLookup drivers,
    OpenGate gate,
    BlockClock clock,
    Consumer<BlockEvent> events,
    ChainLimit chainLimit,
    Map<String, Map<String, OptionValue>> driverDefaults,
    FileNameParser fileNames,
    CacheBudget cacheBudget,
    IndexSize indexSize,
    Secrets secrets,
    ThrottleGroups throttleGroups)
    implements DriverEnvironment {

  void warn(String nodeName, String message) {
    events.accept(new BlockEvent.Warning(nodeName, message));
  }
}
