package dev.platter.api.driver;

import java.util.function.Consumer;

/** What the graph lends to every driver it opens. */
public interface DriverEnvironment {
  /** Time, and timers. Tests inject one that they move by hand. */
  BlockClock clock();

  /** Takes events that belong to no single request. Never blocks, never throws. */
  Consumer<BlockEvent> events();

  /** What the caches of all images may hold together; without limit if nobody has set one. */
  default CacheBudget cacheBudget() {
    return CacheBudget.unlimited();
  }

  /** The secrets that options refer to by name; none if nobody has given any. */
  default Secrets secrets() {
    return Secrets.NONE;
  }

  /** The throttle groups that options refer to by name; none if nobody has made any. */
  default ThrottleGroups throttleGroups() {
    return ThrottleGroups.NONE;
  }
}
