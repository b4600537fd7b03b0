package dev.platter.api.driver;

/**
 * A leaky bucket, as QEMU's: requests fill it, time empties it at the average rate, and whoever
 * finds more in it than it holds waits. Where a burst may last longer than a second, a second
 * bucket, which leaks at the burst's rate, keeps the burst from being faster than that.
 *
 * <p>Threads: the caller keeps them apart.
 */
final class LeakyBucket {
  /** A bucket holds a tenth of a second's worth, unless a burst is allowed. */
  private static final double SLACK = 10;

  private final ThrottleLimits.Rate rate;
  private double level;
  private double burstLevel;

  LeakyBucket(ThrottleLimits.Rate rate) {
    this.rate = rate;
  }

  /** Lets time pass. */
  void leak(double seconds) {
    level = Math.max(0, level - rate.average() * seconds);
    burstLevel = Math.max(0, burstLevel - rate.burst() * seconds);
  }

  /** For how long the next request must wait, in seconds. */
  double waitSeconds() {
    if (rate.average() == 0) {
      return 0;
    }
    if (rate.burst() == 0) {
      return Math.max(0, (level - rate.average() / SLACK) / rate.average());
    }
    double held = (double) rate.burst() * rate.burstSeconds();
    double wait = Math.max(0, (level - held) / rate.average());
    return rate.burstSeconds() == 1
        ? wait
        : Math.max(wait, (burstLevel - rate.burst() / SLACK) / rate.burst());
  }

  /** Adds a request that goes on. */
  void add(double units) {
    if (rate.average() != 0) {
      level += units;
      burstLevel += units;
    }
  }
}
