package dev.platter.api.driver;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Memory that the caches of any number of images have together, and one order of use among them:
 * where it runs out, what was used longest ago goes, whosever it is.
 *
 * <ul>
 *   <li>I1: what all shares have taken, and what they were promised beyond that, never exceeds the
 *       capacity.
 *   <li>I2: a share can always take what it was promised when it joined.
 *   <li>I3: caches are asked to evict under the budget's lock. So nobody calls the budget under a
 *       lock that a cache needs in order to evict.
 * </ul>
 *
 * <p>Time is counted in evictions: it stands still while everything fits, and then a cache notes a
 * use without writing anything. Threads: any number.
 */
public final class CacheBudget {
  private static final CacheBudget UNLIMITED = new CacheBudget(Long.MAX_VALUE);

  private final long capacityBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Share> shares = new ArrayList<>();
  private long heldBytes;
  private long evictionCount = 1;
  private volatile long now = evictionCount;

  private CacheBudget(long capacityBytes) {
    this.capacityBytes = capacityBytes;
  }

  /** A cache that can be asked to give way. Called under the budget's lock; takes only its own. */
  public interface Evictor {
    /** What {@link #oldestUse} says where nothing can go. */
    long NOTHING = Long.MAX_VALUE;

    /** When that which would be evicted next was last used, by {@link CacheBudget#now}. */
    long oldestUse();

    /**
     * Evicts it. The budget takes note of the bytes; the cache does not give them back.
     *
     * @return how many bytes that frees; 0 if there is nothing any more that could go
     */
    long evictOldest();
  }

  /** A budget that never runs out, and keeps no account. */
  public static CacheBudget unlimited() {
    return UNLIMITED;
  }

  /**
   * A budget.
   *
   * @param capacityBytes the most that its shares take together, not negative
   */
  public static CacheBudget of(long capacityBytes) {
    if (capacityBytes < 0) {
      throw new IllegalArgumentException("a budget of " + capacityBytes + " bytes");
    }
    return capacityBytes == Long.MAX_VALUE ? UNLIMITED : new CacheBudget(capacityBytes);
  }

  /** The most that may be held; {@link Long#MAX_VALUE} for the unlimited one. */
  public long capacityBytes() {
    return capacityBytes;
  }

  /** What the shares hold, or were promised. */
  public long heldBytes() {
    lock.lock();
    try {
      return heldBytes;
    } finally {
      lock.unlock();
    }
  }

  /** The time, by which uses are ordered. */
  public long now() {
    return now;
  }

  /**
   * Opens a share.
   *
   * @param promisedBytes what the share can take at any time, whatever the others hold
   * @return the share, to be closed; empty if that cannot be promised
   */
  public Optional<Share> join(Evictor evictor, long promisedBytes) {
    lock.lock();
    try {
      Share share = new Share(evictor, promisedBytes);
      while (promisedBytes > capacityBytes - heldBytes) {
        if (!evictOldest(share)) {
          return Optional.empty();
        }
      }
      if (this != UNLIMITED) {
        heldBytes += promisedBytes;
        shares.add(share);
      }
      return Optional.of(share);
    } finally {
      lock.unlock();
    }
  }

  /** Evicts what only a promise does not protect, or what the share that asks has itself. */
  private boolean evictOldest(Share asking) {
    long oldestUse = Evictor.NOTHING;
    Optional<Share> oldest = Optional.empty();
    for (Share share : shares) {
      boolean may = share == asking || share.takenBytes > share.promisedBytes;
      long use = may ? share.evictor.oldestUse() : Evictor.NOTHING;
      if (use < oldestUse) {
        oldestUse = use;
        oldest = Optional.of(share);
      }
    }
    if (oldest.isEmpty()) {
      return false;
    }
    now = ++evictionCount;
    oldest.get().add(-oldest.get().evictor.evictOldest());
    return true;
  }

  /**
   * What one cache takes of the budget. Closing gives everything back, once; a share that is closed
   * grants nothing.
   */
  public final class Share implements AutoCloseable {
    private final Evictor evictor;
    private final long promisedBytes;
    private long takenBytes;
    private boolean closed;

    private Share(Evictor evictor, long promisedBytes) {
      this.evictor = evictor;
      this.promisedBytes = promisedBytes;
    }

    /** See {@link CacheBudget#now()}. */
    public long now() {
      return now;
    }

    /**
     * Takes bytes, for which others may have to give way, or this cache itself.
     *
     * @return whether they could be had; if not, nothing was taken
     */
    public boolean take(long byteCount) {
      if (CacheBudget.this == UNLIMITED) {
        return true;
      }
      lock.lock();
      try {
        if (closed || byteCount > capacityBytes) {
          return false;
        }
        while (!fits(byteCount)) {
          if (!evictOldest(this)) {
            return false;
          }
        }
        add(byteCount);
        return true;
      } finally {
        lock.unlock();
      }
    }

    /** Gives bytes back that were taken. */
    public void give(long byteCount) {
      if (CacheBudget.this == UNLIMITED) {
        return;
      }
      lock.lock();
      try {
        if (!closed) {
          add(-byteCount);
        }
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        closed = true;
        if (shares.remove(this)) {
          heldBytes -= Math.max(takenBytes, promisedBytes);
        }
      } finally {
        lock.unlock();
      }
    }

    private boolean fits(long byteCount) {
      long more = Math.max(takenBytes + byteCount, promisedBytes);
      return more - Math.max(takenBytes, promisedBytes) <= capacityBytes - heldBytes;
    }

    private void add(long byteCount) {
      long before = Math.max(takenBytes, promisedBytes);
      takenBytes += byteCount;
      heldBytes += Math.max(takenBytes, promisedBytes) - before;
    }
  }
}
