package dev.platter.file;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.ReadOnlyNodeException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes a file's bytes durable: one call of the host at a time, for all that wait for one, and none
 * if nothing has changed since the last.
 *
 * <ul>
 *   <li>I1: a flush succeeds only if a call of the host succeeded that began after every change
 *       that was over when the flush began. What was there when the file was opened counts as such
 *       a change; what others change beside this node is theirs to flush.
 *   <li>I2: after a failed call, every flush fails. The host reports a lost write to one call only,
 *       and forgets it; so calls do not overlap, and nobody asks again.
 *   <li>I3: {@code changed} is set when a change is over, before its request is answered, and
 *       cleared before a call begins, under the lock. So for whoever has the lock and finds it
 *       clear, I1 holds.
 * </ul>
 */
final class Flusher {
  private final String name;
  private final OpenFile file;
  private final boolean enabled;
  private final ReentrantLock calling = new ReentrantLock();
  private final AtomicLong callCount = new AtomicLong(); // written under the lock
  private volatile BlockIoException failure; // written under the lock
  private volatile boolean changed = true; // I3

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
      // Somebody's call began while we waited, or there is nothing that needs one.
      boolean covered = callCount.get() > callsBefore || !changed;
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
    boolean done = false;
    changed = false;
    try {
      file.sync();
      done = true;
    } catch (BlockIoException e) {
      failure = e;
      throw e;
    } finally {
      if (!done) {
        callCount.decrementAndGet(); // whoever waited for it makes a call of his own
        changed = true;
      }
    }
  }

  /** A change of the file is over, whether it has succeeded, failed, or come half way. */
  void changed() {
    if (!changed) { // threads that write at once share what they only read
      changed = true;
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
