package dev.platter.api.driver;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Requests that share limits, whichever nodes they are sent to.
 *
 * <ul>
 *   <li>I1: of the requests of one direction, one waits for its time and the others for their turn,
 *       in the order in which they came. Reads and writes do not wait for each other.
 *   <li>I2: a request is counted when it goes on, by all limits that it falls under.
 * </ul>
 *
 * <p>Threads: any.
 */
public final class ThrottleGroup {
  private static final double NANOS = 1e9;

  private final ReentrantLock readTurn = new ReentrantLock(true);
  private final ReentrantLock writeTurn = new ReentrantLock(true);
  private Buckets buckets; // guarded by this
  private boolean started; // guarded by this
  private long leakedNanos; // guarded by this

  /** The buckets that reads fill, or writes; the first of each list is filled by both. */
  private record Direction(List<LeakyBucket> bytes, List<LeakyBucket> operations) {}

  private record Buckets(Direction reads, Direction writes, long operationBytes) {
    static Buckets of(ThrottleLimits limits) {
      LeakyBucket bytes = new LeakyBucket(limits.bytesTotal());
      LeakyBucket operations = new LeakyBucket(limits.operationsTotal());
      return new Buckets(
          new Direction(
              List.of(bytes, new LeakyBucket(limits.bytesRead())),
              List.of(operations, new LeakyBucket(limits.operationsRead()))),
          new Direction(
              List.of(bytes, new LeakyBucket(limits.bytesWrite())),
              List.of(operations, new LeakyBucket(limits.operationsWrite()))),
          limits.operationBytes());
    }

    Direction of(boolean isWrite) {
      return isWrite ? writes : reads;
    }
  }

  /** A group of nobody yet. */
  public ThrottleGroup(ThrottleLimits limits) {
    this.buckets = Buckets.of(limits);
  }

  /**
   * Gives the group other limits. What has gone on before does not count; a request that waits is
   * measured by them when the time is over that it has begun to wait for.
   */
  public synchronized void limit(ThrottleLimits limits) {
    buckets = Buckets.of(limits);
    started = false;
  }

  /**
   * Lets a request go on by returning, and waits until it may. A thread that is interrupted waits
   * no longer; its request counts all the same.
   *
   * @param clock tells the time, and sleeps
   * @param isWrite whether it is a write, zero-write or discard, or else a read
   * @param byteCount its length
   */
  public void admit(BlockClock clock, boolean isWrite, long byteCount) {
    ReentrantLock turn = isWrite ? writeTurn : readTurn;
    turn.lock(); // I1
    try {
      double wait = waitSeconds(isWrite, clock.nanoTime());
      while (wait > 0 && !Thread.currentThread().isInterrupted()) {
        clock.sleep(Duration.ofNanos((long) Math.ceil(wait * NANOS)));
        wait = waitSeconds(isWrite, clock.nanoTime());
      }
      count(isWrite, byteCount);
    } finally {
      turn.unlock();
    }
  }

  private synchronized double waitSeconds(boolean isWrite, long nowNanos) {
    if (started) {
      leak((nowNanos - leakedNanos) / NANOS);
    }
    started = true;
    leakedNanos = nowNanos;
    Direction direction = buckets.of(isWrite);
    double wait = 0;
    for (LeakyBucket bucket : direction.bytes()) {
      wait = Math.max(wait, bucket.waitSeconds());
    }
    for (LeakyBucket bucket : direction.operations()) {
      wait = Math.max(wait, bucket.waitSeconds());
    }
    return wait;
  }

  private void leak(double seconds) {
    buckets.reads().bytes().forEach(bucket -> bucket.leak(seconds));
    buckets.reads().operations().forEach(bucket -> bucket.leak(seconds));
    buckets.writes().bytes().getLast().leak(seconds); // the first is the reads', too
    buckets.writes().operations().getLast().leak(seconds);
  }

  /** I2. */
  private synchronized void count(boolean isWrite, long byteCount) {
    Direction direction = buckets.of(isWrite);
    long unit = buckets.operationBytes();
    double operations = unit > 0 && byteCount > unit ? (double) byteCount / (double) unit : 1;
    direction.bytes().forEach(bucket -> bucket.add((double) byteCount));
    direction.operations().forEach(bucket -> bucket.add(operations));
  }
}
