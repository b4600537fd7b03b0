package dev.platter.qcow2;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which slices the L2 cache holds, which of them go first, and how many bytes they take.
 *
 * <p>A slice that is held is clean, or pinned: dirty (changed since it was last written) or writing
 * (the image may or may not hold it yet). Clean slices stand in one of two rows:
 *
 * <pre>
 *                 ┌ went not long ago? ── proven ◄─┐ used since: to the end
 *   loaded ──────►┤                         └──────┴─────────────► evicted
 *                 └ otherwise ────────── newcomers ──────────────► evicted, and remembered
 * </pre>
 *
 * <p>A scan touches each slice many times at once and never again. So what happens to a newcomer
 * while it is one counts for nothing; only a slice that is loaded a second time, soon after it
 * went, is proven. Newcomers go first while they take more than their share of the cache, proven
 * slices in the manner of a clock. Until something has to go for the first time, slices count as
 * proven.
 *
 * <ul>
 *   <li><b>I1</b> The slices held, and what is remembered of others, never exceed the capacity.
 *   <li><b>I2</b> Pinned slices stay. Were each as large as a slice can be, they would leave room
 *       for one more: so a load, and a change, find room by evicting clean slices.
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

  /** Newcomers have a quarter of the capacity; another quarter is never pinned. */
  private static final int SHARES = 4;

  private final SlicePlaces places;
  private final SliceForm form;
  private final long capacityBytes;
  private final long pinnableBytes;
  private final int maximumBytes;
  private final RecentlyEvicted recentlyEvicted;

  private final ReentrantLock lock = new ReentrantLock();
  private final SliceList newcomers = new SliceList();
  private final SliceList proven = new SliceList();
  private final SliceList pinned = new SliceList();
  private long placesBytes;
  private int dirtyCount;
  private long evictions;
  private long writeBacks;
  private long cleaned;

  /**
   * @param capacityBytes the most that the slices may take; if that is not enough for two, as much
   *     as two take
   * @param entryCount how many entries a slice has
   */
  SliceRing(SlicePlaces places, SliceForm form, long capacityBytes, int entryCount) {
    this.places = places;
    this.form = form;
    int sliceBytes = entryCount * Long.BYTES;
    this.recentlyEvicted =
        new RecentlyEvicted(Math.clamp(2 * (capacityBytes / sliceBytes), 1, 1 << 20));
    this.maximumBytes =
        form.maximumBytes(entryCount) + bookkeeping(CachedSlice.BYTES + places.tableBytes());
    this.capacityBytes =
        Math.max(capacityBytes, 2L * maximumBytes + bookkeeping(recentlyEvicted.maximumBytes()));
    this.pinnableBytes = capacity() - Math.max(maximumBytes, capacity() / SHARES);
  }

  /** The most that may be held. */
  long capacityBytes() {
    return capacityBytes;
  }

  /** Takes in a slice, and puts it in its place, from which it may be evicted at any time. */
  void add(CachedSlice loaded) {
    lock.lock();
    try {
      loaded.countedBytes(counted(loaded.slice()));
      makeRoom(loaded.countedBytes() + bookkeeping(places.tableBytes()));
      int window = Math.max(1, sliceCount() / 2);
      loaded.proven(evictions == 0 || recentlyEvicted.take(places.number(loaded), window));
      row(loaded).add(loaded);
      placesBytes += bookkeeping(places.put(loaded));
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
      if (!cached.held()) {
        return Change.EVICTED;
      }
      if (!cached.pinned()) {
        if ((pinned.count() + 1L) * maximumBytes > pinnableBytes) {
          return Change.FULL;
        }
        move(cached, pinned);
      }
      if (!cached.dirty()) {
        cached.dirty(true);
        dirtyCount++;
      }
      int changedBytes = counted(changed);
      makeRoom((long) changedBytes - cached.countedBytes());
      cached.replace(changed, changedBytes);
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
      for (CachedSlice cached : pinned.copy()) {
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
          move(cached, row(cached));
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Puts the same entries in another form in a place, unless they have changed meanwhile. */
  @SuppressWarnings("ReferenceEquality") // a change always makes another object
  void repack(CachedSlice cached, L2Slice known, L2Slice packed) {
    lock.lock();
    try {
      if (cached.held() && !cached.pinned() && cached.slice() == known) {
        cached.replace(packed, counted(packed));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Drops what was not used since the last call; never what is pinned. */
  void clean() {
    lock.lock();
    try {
      List<CachedSlice> clean = newcomers.copy();
      clean.addAll(proven.copy());
      for (CachedSlice cached : clean) {
        if (!cached.takeUsed()) {
          drop(cached);
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
      return new Counts(heldBytes(), sliceCount(), dirtyCount, evictions, writeBacks, cleaned);
    } finally {
      lock.unlock();
    }
  }

  private int sliceCount() {
    return newcomers.count() + proven.count() + pinned.count();
  }

  private long heldBytes() {
    return newcomers.bytes()
        + proven.bytes()
        + pinned.bytes()
        + placesBytes
        + bookkeeping(recentlyEvicted.heldBytes());
  }

  /**
   * What slices can have of the capacity: what is remembered of others has its room from the start.
   */
  private long capacity() {
    return capacityBytes - bookkeeping(recentlyEvicted.maximumBytes());
  }

  private int counted(L2Slice slice) {
    return form.countedBytes(slice) + bookkeeping(CachedSlice.BYTES);
  }

  private int bookkeeping(int bytes) {
    return form.countsPlaces() ? bytes : 0;
  }

  private SliceList row(CachedSlice cached) {
    return cached.proven() ? proven : newcomers;
  }

  private static void move(CachedSlice cached, SliceList to) {
    cached.list().remove(cached);
    to.add(cached);
  }

  /** Evicts until so much more fits beside what is held; I2: it always comes to that. */
  private void makeRoom(long byteCount) {
    while (newcomers.bytes() + proven.bytes() + pinned.bytes() + placesBytes + byteCount
        > capacity()) {
      evictOne();
    }
  }

  private void evictOne() {
    boolean crowded = newcomers.bytes() > capacity() / SHARES;
    if (!newcomers.isEmpty() && (crowded || proven.isEmpty())) {
      CachedSlice oldest = newcomers.first();
      recentlyEvicted.add(places.number(oldest));
      drop(oldest);
    } else {
      while (proven.first().takeRecent()) {
        move(proven.first(), proven);
      }
      drop(proven.first());
    }
    evictions++;
  }

  private void drop(CachedSlice cached) {
    cached.list().remove(cached);
    cached.markEvicted();
    placesBytes -= bookkeeping(places.remove(cached));
  }
}
