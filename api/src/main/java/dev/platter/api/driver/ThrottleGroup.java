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

  private final ThrottleLimits limits;
  private final Direction reads;
  private final Direction writes;
  private boolean started; // guarded by this
  private long leakedNanos; // guarded by this

  /** The limits of reads, or of writes. */
  private record Direction(
      ReentrantLock turn, List<LeakyBucket> bytes, List<LeakyBucket> operations) {}

  /** A group of nobody yet. */
  public ThrottleGroup(ThrottleLimits limits) {
    this.limits = limits;
    LeakyBucket bytes = new LeakyBucket(limits.bytesTotal());
    LeakyBucket operations = new LeakyBucket(limits.operationsTotal());
    this.reads =
        new Direction(
            new ReentrantLock(true),
            List.of(bytes, new LeakyBucket(limits.bytesRead())),
            List.of(operations, new LeakyBucket(limits.operationsRead())));
    this.writes =
        new Direction(
            new ReentrantLock(true),
            List.of(bytes, new LeakyBucket(limits.bytesWrite())),
            List.of(operations, new LeakyBucket(limits.operationsWrite())));
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
    Direction direction = isWrite ? writes : reads;
    direction.turn().lock(); // I1
    try {
      double wait = waitSeconds(direction, clock.nanoTime());
      while (wait > 0 && !Thread.currentThread().isInterrupted()) {
        clock.sleep(Duration.ofNanos((long) Math.ceil(wait * NANOS)));
        wait = waitSeconds(direction, clock.nanoTime());
      }
      count(direction, byteCount);
    } finally {
      direction.turn().unlock();
    }
  }

  private synchronized double waitSeconds(Direction direction, long nowNanos) {
    if (started) {
      double seconds = (nowNanos - leakedNanos) / NANOS;
      reads.bytes().forEach(bucket -> bucket.leak(seconds));
      reads.operations().forEach(bucket -> bucket.leak(seconds));
      writes.bytes().getLast().leak(seconds); // the first is the reads', too
      writes.operations().getLast().leak(seconds);
    }
    started = true;
    leakedNanos = nowNanos;
    double wait = 0;
    for (LeakyBucket bucket : direction.bytes()) {
      wait = Math.max(wait, bucket.waitSeconds());
    }
    for (LeakyBucket bucket : direction.operations()) {
      wait = Math.max(wait, bucket.waitSeconds());
    }
    return wait;
  }

  /** I2. */
  private synchronized void count(Direction direction, long byteCount) {
    long unit = limits.operationBytes();
    double operations = unit > 0 && byteCount > unit ? (double) byteCount / (double) unit : 1;
    direction.bytes().forEach(bucket -> bucket.add((double) byteCount));
    direction.operations().forEach(bucket -> bucket.add(operations));
  }
}
