package dev.platter.harness;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Closes several things, each whatever happened to the others. */
final class Closing {
  /** A step that fails in the block layer's way only. */
  @FunctionalInterface
  interface Step {
    void run() throws IOException;
  }

  private Closing() {}

  /**
   * Takes all steps, in this order.
   *
   * @throws IOException the first failure, with the others suppressed in it
   */
  static void all(List<Step> steps) throws IOException {
    List<IOException> failures = new ArrayList<>();
    for (Step step : steps) {
      try {
        step.run();
      } catch (IOException e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      IOException first = failures.removeFirst();
      failures.forEach(first::addSuppressed);
      throw first;
    }
  }

  /** Takes a step because of a failure, to which it adds its own. */
  static void after(IOException failure, Step step) {
    try {
      step.run();
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
