package dev.platter.qcow2;

import dev.platter.api.driver.CacheBudget;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;

/** How caches come to a share of the budget that all images have. */
final class CacheShares {
  /** A cache from which only its owner evicts. */
  static final CacheBudget.Evictor UNSHAKEABLE =
      new CacheBudget.Evictor() {
        @Override
        public long oldestUse() {
          return NOTHING;
        }

        @Override
        public long evictOldest() {
          return 0;
        }
      };

  private CacheShares() {}

  /**
   * Opens a share.
   *
   * @throws OptionException if the budget cannot promise so much
   */
  static CacheBudget.Share join(
      String imageName, CacheBudget budget, CacheBudget.Evictor evictor, long promisedBytes)
      throws OptionException {
    return budget
        .join(evictor, promisedBytes)
        .orElseThrow(
            () ->
                new OptionException(
                    OptionProblem.of(
                        "cache-budget",
                        "%s: the caches of all images may hold %d bytes, and %d more are needed"
                            .formatted(imageName, budget.capacityBytes(), promisedBytes))));
  }
}
