package dev.platter.file;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.BiFunction;

/**
 * Injects a fault at every call index of a scenario. To be loaded by {@link FaultyLinkage}.
 *
 * <p>Takes the names of a scenario and of a fault, joined by a space, and a folder; returns how
 * many faults were injected.
 */
public final class SystemCallFaults implements BiFunction<String, Path, Integer> {
  /** For {@link FaultyLinkage}'s user. */
  public SystemCallFaults() {}

  @Override
  public Integer apply(String names, Path folder) {
    String[] both = names.split(" ", -1);
    SystemCallScenario scenario = SystemCallScenario.valueOf(both[0]);
    FaultyCalls.Fault fault = FaultyCalls.Fault.valueOf(both[1]);
    try {
      return run(scenario, fault, folder.resolve(scenario.name()));
    } catch (IOException e) {
      throw new UncheckedIOException(names, e);
    }
  }

  private static int run(SystemCallScenario scenario, FaultyCalls.Fault fault, Path file)
      throws IOException {
    FaultyCalls.inject(FaultyCalls.Fault.NONE, 0);
    String expected = scenario.performOn(file);
    int callCount = FaultyCalls.callCount();
    int injected = 0;
    for (int index = 0; index < callCount; index++) {
      FaultyCalls.inject(fault, index);
      String found = scenario.performOn(file);
      if (!found.equals(expected)) {
        throw new AssertionError(
            "%s, %s at call %d: %s instead of %s"
                .formatted(scenario, fault, index, found, expected));
      }
      injected += FaultyCalls.injectedCount() > 0 ? 1 : 0;
    }
    return injected;
  }
}
