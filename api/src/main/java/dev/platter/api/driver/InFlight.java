package dev.platter.api.driver;

import dev.platter.api.error.NodeClosedException;
import java.util.OptionalInt;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The requests in progress at a node: lets them in, holds them back, and waits for them to end.
 *
 * <p>Entering and leaving are an atomic addition each, on a place that threads rarely share, and
 * allocate nothing.
 *
 * <ul>
 *   <li>I1: a request is counted before it looks at {@code barrier}; whoever raises the barrier
 *       looks at the counts afterwards. So either the request sees the barrier or it is waited for.
 *   <li>I2: a request that ends takes itself off the count before it looks at {@code barrier}, and
 *       signals under the lock if it is up. So nobody waits for a request that has ended.
 *   <li>I3: waiting ignores interrupts and leaves the thread's interrupt status as it was.
 * </ul>
 *
 * <p>A request must not enter the same node again, and must not wait for it to be quiet. Threads:
 * any.
 */
public final class InFlight {
  private final String nodeName;
  private final StripedCounters requests = new StripedCounters(1);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int holdCount; // guarded by lock
  private boolean closed; // guarded by lock

  /** Whether requests must look at the fields under the lock before they go on. */
  private volatile boolean barrier;

  /**
   * @param nodeName for messages
   */
  public InFlight(String nodeName) {
    this.nodeName = nodeName;
  }

  /**
   * Lets a request in; waits while requests are held.
   *
   * @return to be given to {@link #exit}
   * @throws NodeClosedException if the node is closed, or is closed while this waits
   */
  public int enter() throws NodeClosedException {
    int stripe = StripedCounters.stripe();
    for (; ; ) {
      requests.increment(0, stripe);
      if (!barrier) {
        return stripe;
      }
      exit(stripe);
      awaitOpen();
    }
  }

  /** Lets a request in, unless requests are held or refused; what is in it as {@link #enter}. */
  public OptionalInt tryEnter() {
    int stripe = StripedCounters.stripe();
    requests.increment(0, stripe);
    if (!barrier) {
      return OptionalInt.of(stripe);
    }
    exit(stripe);
    return OptionalInt.empty();
  }

  /** Ends the request that got {@code stripe}, on any thread. */
  public void exit(int stripe) {
    requests.decrement(0, stripe);
    if (barrier) {
      signal();
    }
  }

  /**
   * Holds new requests and waits until those in progress have ended. May be nested, by any threads:
   * they are not kept apart.
   */
  public void hold() {
    lock.lock();
    try {
      holdCount++;
      barrier = true;
      awaitQuiet();
    } finally {
      lock.unlock();
    }
  }

  /** Undoes one {@link #hold}. */
  public void release() {
    lock.lock();
    try {
      holdCount--;
      barrier = closed || holdCount > 0;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Refuses new requests for good, also those held, and waits until those in progress have ended.
   *
   * @return whether this call closed; false if it was closed already
   */
  public boolean close() {
    lock.lock();
    try {
      boolean first = !closed;
      closed = true;
      barrier = true;
      changed.signalAll();
      awaitQuiet();
      return first;
    } finally {
      lock.unlock();
    }
  }

  private void awaitQuiet() {
    while (!requests.isZero(0)) {
      changed.awaitUninterruptibly();
    }
  }

  private void awaitOpen() throws NodeClosedException {
    lock.lock();
    try {
      while (holdCount > 0 && !closed) {
        changed.awaitUninterruptibly();
      }
      if (closed) {
        throw new NodeClosedException(nodeName);
      }
    } finally {
      lock.unlock();
    }
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
