package dev.platter.qcow2;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which slices the L2 cache holds, which of them may go, and how many bytes they take.
 *
 * <p>A slice that is held is clean, or pinned: dirty (changed since it was last written) or writing
 * (the image may or may not hold it yet).
 *
 * <ul>
 *   <li><b>I1</b> The slices held and the room promised to loads never exceed the capacity.
 *   <li><b>I2</b> Pinned slices stay. They take at most the capacity less one slice, so a load can
 *       always make room by waiting for other loads only.
 *   <li><b>I3</b> A slice is evicted, or marked dirty, under the lock: never both. Its place is
 *       emptied under the lock too.
 * </ul>
 *
 * <p>Threads: any number; the lock is held for moments, and never during I/O.
 */
final class SliceRing {

  /** What became of a change to a slice. */
  enum Change {
    /** It is made, and the slice is dirty. */
    MADE,
    /** The slice is no longer in the cache. */
    EVICTED,
    /** Too much of the cache is dirty: it has to be written back first. */
    FULL
  }

  /**
   * The counters as they are at one moment.
   *
   * @param evictions slices that made room for others
   * @param writeBacks slices that were written
   * @param cleaned slices that were dropped because nobody had used them
   */
  record Counts(
      long heldBytes,
      int sliceCount,
      int dirtyCount,
      long evictions,
      long writeBacks,
      long cleaned) {}

  private final SlicePlaces places;
  private final long capacityBytes;
  private final long pinnableBytes;
  private final int sliceBytes;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition roomMade = lock.newCondition();
  private final List<CachedSlice> ring = new ArrayList<>();
  private int hand;
  private long heldBytes;
  private long promisedBytes;
  private long pinnedBytes;
  private int dirtyCount;
  private long evictions;
  private long writeBacks;
  private long cleaned;

  /**
   * @param capacityBytes the most that the slices may take; at least two slices
   * @param sliceBytes the most that a slice takes
   */
  SliceRing(SlicePlaces places, long capacityBytes, int sliceBytes) {
    this.places = places;
    this.capacityBytes = capacityBytes;
    this.pinnableBytes = Math.max(sliceBytes, capacityBytes / 4 * 3); // I2
    this.sliceBytes = sliceBytes;
  }

  /**
   * Makes room for a slice, and keeps it for {@link #add}.
   *
   * @param wait whether to wait for it; if not, there may be none
   * @return whether there is room
   */
  boolean promise(boolean wait) {
    lock.lock();
    try {
      while (heldBytes + promisedBytes + sliceBytes > capacityBytes) {
        if (evictOne()) {
          continue;
        }
        if (!wait) {
          return false;
        }
        roomMade.awaitUninterruptibly();
      }
      promisedBytes += sliceBytes;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes in a slice for which room was promised, and puts it in its place. */
  void add(CachedSlice loaded) {
    lock.lock();
    try {
      promisedBytes -= sliceBytes;
      heldBytes += loaded.slice().heldBytes();
      loaded.ringIndex(ring.size());
      ring.add(loaded);
      places.put(loaded);
      roomMade.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Puts another slice in a place and marks it dirty, or does nothing. Under the metadata lock, so
   * that one thread at a time changes slices.
   */
  Change change(CachedSlice cached, L2Slice changed) {
    lock.lock();
    try {
      if (cached.ringIndex() < 0) {
        return Change.EVICTED;
      }
      if (!cached.pinned()) {
        if (pinnedBytes + sliceBytes > pinnableBytes) {
          return Change.FULL;
        }
        pinnedBytes += sliceBytes;
      }
      if (!cached.dirty()) {
        cached.dirty(true);
        dirtyCount++;
      }
      heldBytes += changed.heldBytes() - cached.slice().heldBytes();
      cached.replace(changed);
      return Change.MADE;
    } finally {
      lock.unlock();
    }
  }

  /** Takes all dirty slices to be written: they stay pinned until {@link #written}. */
  List<CachedSlice> takeDirty() {
    lock.lock();
    try {
      List<CachedSlice> taken = new ArrayList<>(dirtyCount);
      for (CachedSlice cached : ring) {
        if (cached.dirty()) {
          cached.dirty(false);
          cached.writing(true);
          taken.add(cached);
        }
      }
      dirtyCount = 0;
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Says that slices from {@link #takeDirty} were written, or that they could not be and are dirty
   * again.
   */
  void written(Collection<CachedSlice> slices, boolean success) {
    lock.lock();
    try {
      for (CachedSlice cached : slices) {
        cached.writing(false);
        if (success) {
          writeBacks++;
        } else if (!cached.dirty()) {
          cached.dirty(true);
          dirtyCount++;
        }
        if (!cached.pinned()) {
          pinnedBytes -= sliceBytes;
        }
      }
      roomMade.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Drops what was not used since the last call; never what is pinned. */
  void clean() {
    lock.lock();
    try {
      for (int i = ring.size() - 1; i >= 0; i--) {
        CachedSlice cached = ring.get(i);
        if (!cached.takeUsed() && !cached.pinned()) {
          evict(cached);
          cleaned++;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  Counts counts() {
    lock.lock();
    try {
      return new Counts(heldBytes, ring.size(), dirtyCount, evictions, writeBacks, cleaned);
    } finally {
      lock.unlock();
    }
  }

  /** Turns the hand of a clock: who was used since it last came by gets a second chance. */
  private boolean evictOne() {
    for (int steps = 2 * ring.size(); steps > 0; steps--) {
      if (hand >= ring.size()) {
        hand = 0;
      }
      CachedSlice cached = ring.get(hand);
      if (!cached.pinned() && !cached.takeRecent()) {
        evict(cached);
        evictions++;
        return true;
      }
      hand++;
    }
    return false;
  }

  private void evict(CachedSlice cached) {
    int index = cached.ringIndex();
    CachedSlice last = ring.removeLast();
    if (last.ringIndex() != index) {
      ring.set(index, last);
      last.ringIndex(index);
    }
    cached.ringIndex(-1);
    places.remove(cached);
    heldBytes -= cached.slice().heldBytes();
    roomMade.signalAll();
  }
}
