package dev.platter.harness;

import dev.platter.api.driver.BlockEvent;
import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.OpenGate;
import dev.platter.api.option.OptionValue;
import dev.platter.conf.SiteDefaults;
import dev.platter.graph.FileNameParser;
import dev.platter.graph.Gates;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What a {@link BlockRuntime} is made with, beside drivers and time.
 *
 * @param gate decides about files that images name
 * @param maxChainDepth the most layers of a chain, at least 1
 * @param driverDefaults options by driver name that stand in for what a drive does not say
 * @param fileNames understands file names
 * @param workerCount threads for guest requests that are not short; 0 serves each queue on the
 *     thread that notifies it, always
 * @param cacheBudget what the caches of all images hold together; of all runtimes that are made
 *     with this same object
 * @param events takes what happens to nodes; empty for the log
 * @param objects what options refer to by name
 */
public record RuntimeSettings(
    OpenGate gate,
    int maxChainDepth,
    Map<String, Map<String, OptionValue>> driverDefaults,
    FileNameParser fileNames,
    int workerCount,
    CacheBudget cacheBudget,
    Optional<Consumer<BlockEvent>> events,
    NamedObjects objects) {

  /**
   * The default gate, 1024 layers, no defaults, plain names, no workers, no budget, events to the
   * log, no objects.
   */
  public static final RuntimeSettings DEFAULT =
      new RuntimeSettings(
          Gates.defaultGate(),
          1024,
          Map.of(),
          FileNameParser.PLAIN,
          0,
          CacheBudget.unlimited(),
          Optional.empty(),
          NamedObjects.NONE);

  public RuntimeSettings {
    Objects.requireNonNull(gate, "gate");
    Objects.requireNonNull(fileNames, "fileNames");
    Objects.requireNonNull(cacheBudget, "cacheBudget");
    Objects.requireNonNull(events, "events");
    Objects.requireNonNull(objects, "objects");
    driverDefaults = Map.copyOf(driverDefaults);
    if (maxChainDepth < 1 || workerCount < 0) {
      throw new IllegalArgumentException(
          "%d layers, %d workers".formatted(maxChainDepth, workerCount));
    }
  }

  /**
   * What a site says; file names are understood as in its drives, and events go to the log. Its
   * {@code cache-budget} is one for all images of the process: however often settings are made of
   * sites with the same value, they have the same budget.
   */
  public static RuntimeSettings of(SiteDefaults site) {
    OpenGate gate =
        switch (site.gate()) {
          case DEFAULT -> Gates.defaultGate();
          case BESIDE -> Gates.beside();
          case STRICT -> Gates.strict(site.gateFolders());
          case OFF -> Gates.off();
        };
    return new RuntimeSettings(
        gate,
        site.chainDepth(),
        site.driverDefaults(),
        site.parser()::parseFileName,
        site.workers(),
        SiteBudgets.of(site.cacheBudgetBytes()),
        Optional.empty(),
        NamedObjects.NONE);
  }

  /** These settings with another gate. */
  public RuntimeSettings withGate(OpenGate gate) {
    return with(draft -> draft.gate = gate);
  }

  /** These settings with another bound of chains. */
  public RuntimeSettings withMaxChainDepth(int maxChainDepth) {
    return with(draft -> draft.maxChainDepth = maxChainDepth);
  }

  /** These settings with other defaults of drivers. */
  public RuntimeSettings withDriverDefaults(Map<String, Map<String, OptionValue>> driverDefaults) {
    return with(draft -> draft.driverDefaults = driverDefaults);
  }

  /** These settings with another understanding of file names. */
  public RuntimeSettings withFileNames(FileNameParser fileNames) {
    return with(draft -> draft.fileNames = fileNames);
  }

  /** These settings with another number of workers. */
  public RuntimeSettings withWorkerCount(int workerCount) {
    return with(draft -> draft.workerCount = workerCount);
  }

  /** These settings with another budget; runtimes that are given the same one share it. */
  public RuntimeSettings withCacheBudget(CacheBudget cacheBudget) {
    return with(draft -> draft.cacheBudget = cacheBudget);
  }

  /** These settings with another taker of events. */
  public RuntimeSettings withEvents(Consumer<BlockEvent> events) {
    return with(draft -> draft.events = Optional.of(events));
  }

  /** These settings with other objects that options refer to; they stay the caller's. */
  public RuntimeSettings withObjects(NamedObjects objects) {
    return with(draft -> draft.objects = objects);
  }

  private RuntimeSettings with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.settings();
  }

  /** Settings of which some are changed. */
  private static final class Draft {
    OpenGate gate;
    int maxChainDepth;
    Map<String, Map<String, OptionValue>> driverDefaults;
    FileNameParser fileNames;
    int workerCount;
    CacheBudget cacheBudget;
    Optional<Consumer<BlockEvent>> events;
    NamedObjects objects;

    Draft(RuntimeSettings from) {
      gate = from.gate;
      maxChainDepth = from.maxChainDepth;
      driverDefaults = from.driverDefaults;
      fileNames = from.fileNames;
      workerCount = from.workerCount;
      cacheBudget = from.cacheBudget;
      events = from.events;
      objects = from.objects;
    }

    RuntimeSettings settings() {
      return new RuntimeSettings(
          gate,
          maxChainDepth,
          driverDefaults,
          fileNames,
          workerCount,
          cacheBudget,
          events,
          objects);
    }
  }
}
