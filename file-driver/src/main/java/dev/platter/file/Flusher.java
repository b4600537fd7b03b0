package dev.platter.file;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.ReadOnlyNodeException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes a file's bytes durable: one call of the host at a time, for all that wait for one.
 *
 * <ul>
 *   <li>I1: a flush succeeds only if a call of the host succeeded that began after the flush did.
 *   <li>I2: after a failed call, every flush fails. The host reports a lost write to one call only,
 *       and forgets it; so calls do not overlap, and nobody asks again.
 * </ul>
 */
final class Flusher {
  private final String name;
  private final OpenFile file;
  private final boolean enabled;
  private final ReentrantLock calling = new ReentrantLock();
  private final AtomicLong callCount = new AtomicLong(); // grows under the lock
  private volatile BlockIoException failure; // written under the lock

  private Flusher(String name, OpenFile file, boolean enabled) {
    this.name = name;
    this.file = file;
    this.enabled = enabled;
  }

  /** Flushes to the host's storage; {@code name} is the node's, for messages. */
  static Flusher syncing(String name, OpenFile file) {
    return new Flusher(name, file, true);
  }

  /** Ignores flushes: for files opened read-only, and for {@code cache.no-flush=on}. */
  static Flusher ignoring(String name, OpenFile file) {
    return new Flusher(name, file, false);
  }

  /**
   * Returns when all that was written before the call is durable.
   *
   * @throws BlockIoException if it is not, or if an earlier flush failed
   */
  void flush() throws BlockIoException {
    if (!enabled) {
      return;
    }
    long callsBefore = callCount.get();
    calling.lock();
    try {
      boolean covered = callCount.get() > callsBefore; // somebody's call began while we waited
      if (failure != null) {
        throw new BlockIoException(name, "flush after a failed one", failure.errno(), failure);
      }
      if (!covered) {
        callCount.incrementAndGet();
        sync();
      }
    } finally {
      calling.unlock();
    }
  }

  private void sync() throws BlockIoException {
    try {
      file.sync();
    } catch (BlockIoException e) {
      failure = e;
      throw e;
    }
  }

  /**
   * Refuses a change after a failed flush.
   *
   * @throws ReadOnlyNodeException if a flush has failed
   */
  void requireIntact() throws ReadOnlyNodeException {
    if (failure != null) {
      throw new ReadOnlyNodeException(name, "an earlier flush failed: " + failure.getMessage());
    }
  }
}
