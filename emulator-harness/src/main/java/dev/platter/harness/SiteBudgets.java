package dev.platter.harness;

import dev.platter.api.driver.CacheBudget;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The budgets that sites give: one in this process for each value of {@code cache-budget}, whoever
 * reads the site and however often. Never dropped: an idle budget is a few words, and a process has
 * one site. Threads: any.
 */
final class SiteBudgets {
  private static final Map<Long, CacheBudget> BUDGETS = new ConcurrentHashMap<>();

  private SiteBudgets() {}

  /** The budget of this many bytes; {@link Long#MAX_VALUE} for none. */
  static CacheBudget of(long bytes) {
    return BUDGETS.computeIfAbsent(bytes, CacheBudget::of);
  }
}
