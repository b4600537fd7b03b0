package dev.platter.graph;

import dev.platter.api.driver.BlockClock;
import dev.platter.api.driver.BlockEvent;
import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.OpenGate;
import dev.platter.api.driver.Secrets;
import dev.platter.api.driver.ThrottleGroups;
import dev.platter.api.option.OptionValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Collects what a {@link BlockGraph} is built with. Threads: one. */
public final class BlockGraphBuilder {
  private final DriverLookup drivers;
  private final Map<String, Map<String, OptionValue>> driverDefaults = new LinkedHashMap<>();
  private OpenGate gate = Gates.defaultGate();
  private BlockClock clock = new SystemClock();
  private Consumer<BlockEvent> events = EventLog::log;
  private ChainLimit chainLimit = () -> 1024;
  private FileNameParser fileNames = FileNameParser.PLAIN;
  private CacheBudget cacheBudget = CacheBudget.unlimited();
  private IndexSize indexSize = IndexSize.USUAL;
  private Secrets secrets = Secrets.NONE;
  private ThrottleGroups throttleGroups = ThrottleGroups.NONE;

  BlockGraphBuilder(DriverLookup drivers) {
    this.drivers = drivers;
  }

  /** Decides about files that images name; {@link Gates#defaultGate} if not given. */
  public BlockGraphBuilder gate(OpenGate gate) {
    this.gate = gate;
    return this;
  }

  /** Time; the host's if not given. The caller closes it, if it has to be closed. */
  public BlockGraphBuilder clock(BlockClock clock) {
    this.clock = clock;
    return this;
  }

  /** Takes events; must not block, throw, or call the graph. If not given they go to the log. */
  public BlockGraphBuilder events(Consumer<BlockEvent> events) {
    this.events = events;
    return this;
  }

  /** The most layers that a chain may have, at least 1; 1024 if not given. */
  public BlockGraphBuilder maxChainDepth(int layerCount) {
    if (layerCount < 1) {
      throw new IllegalArgumentException("a chain of at most " + layerCount + " layers");
    }
    return chainLimit(() -> layerCount);
  }

  /** The most layers that a chain may have, found out when that matters. */
  public BlockGraphBuilder chainLimit(ChainLimit limit) {
    this.chainLimit = limit;
    return this;
  }

  /**
   * Options, by driver name, that stand in for what a specification does not give, also for nodes
   * that images name.
   */
  public BlockGraphBuilder driverDefaults(Map<String, Map<String, OptionValue>> defaults) {
    driverDefaults.putAll(defaults);
    return this;
  }

  /** Understands file names; {@link FileNameParser#PLAIN} if not given. */
  public BlockGraphBuilder fileNames(FileNameParser fileNames) {
    this.fileNames = fileNames;
    return this;
  }

  /** What the caches of all images may hold together; without limit if not given. */
  public BlockGraphBuilder cacheBudget(CacheBudget cacheBudget) {
    this.cacheBudget = cacheBudget;
    return this;
  }

  /** How large the index of a chain is; for tests, which have small disks. */
  BlockGraphBuilder indexSize(IndexSize indexSize) {
    this.indexSize = indexSize;
    return this;
  }

  /** The secrets that options name; none if not given. */
  public BlockGraphBuilder secrets(Secrets secrets) {
    this.secrets = secrets;
    return this;
  }

  /** The throttle groups that options name; none if not given. */
  public BlockGraphBuilder throttleGroups(ThrottleGroups throttleGroups) {
    this.throttleGroups = throttleGroups;
    return this;
  }

  /** The graph, empty. */
  public BlockGraph build() {
    return new BlockGraph(
        new GraphSettings(
            drivers,
            gate,
            clock,
            events,
            chainLimit,
            Map.copyOf(driverDefaults),
            fileNames,
            cacheBudget,
            indexSize,
            secrets,
            throttleGroups));
  }
}
