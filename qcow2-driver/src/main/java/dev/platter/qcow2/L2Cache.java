package dev.platter.qcow2;

import dev.platter.api.driver.CachedFormat.CacheStats;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The cached slices of the L2 tables.
 *
 * <p>A slice is known by the guest range that it maps (L1 index, part of the table), not by where
 * its table lies: so a lookup needs no L1 entry, and copying a table that is shared with a snapshot
 * leaves its cached slices valid. Lookups read two arrays and take no lock.
 *
 * <p>A slice is absent, loading, clean, or pinned: dirty (changed since it was last written) or
 * writing (the image may or may not hold it yet).
 *
 * <ul>
 *   <li><b>I1</b> The slices held and the room promised to loads never exceed the capacity.
 *   <li><b>I2</b> A slice becomes present only under the loading lock of its place, and changes
 *       only while present: so what a load has read is what the image last said, or it is not used.
 *   <li><b>I3</b> Pinned slices stay. They take at most the capacity less one slice, so a load can
 *       always make room by waiting for other loads only.
 *   <li><b>I4</b> A slice is evicted, or marked dirty, under the ring lock: never both.
 * </ul>
 *
 * <p>Locks: a loading lock is taken before the ring lock; the ring lock is the last of all, and is
 * never held during I/O.
 */
final class L2Cache {
  private static final int LOADING_LOCKS = 64;

  private final ImageFile file;
  private final L1Table l1Table;
  private final int clusterBits;
  private final int sliceBytes;
  private final int slicesPerTable;
  private final long capacityBytes;
  private final long pinnableBytes;

  /** The places: by L1 index, then by part of the table. Made when the first slice is loaded. */
  private volatile AtomicReferenceArray<AtomicReferenceArray<CachedSlice>> places;

  private final ReentrantLock[] loadingLocks = new ReentrantLock[LOADING_LOCKS];
  private final L2Slice unallocated;

  private final ReentrantLock ringLock = new ReentrantLock();
  private final Condition roomMade = ringLock.newCondition();
  private final List<CachedSlice> ring = new ArrayList<>();
  private int hand;
  private long heldBytes;
  private long promisedBytes;
  private long pinnedBytes;
  private int dirtyCount;

  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder evictions = new LongAdder();
  private final LongAdder writeBacks = new LongAdder();
  private final LongAdder cleaned = new LongAdder();

  /**
   * @param capacityBytes the most that the slices may take; at least two slices
   * @param sliceBytes bytes of an L2 table that make a slice; a power of two, at most a cluster
   */
  L2Cache(
      ImageFile file,
      L1Table l1Table,
      ClusterGeometry geometry,
      long capacityBytes,
      int sliceBytes) {
    if (capacityBytes < 2L * sliceBytes) {
      throw new IllegalArgumentException(
          "an L2 cache of %d bytes does not hold two slices of %d"
              .formatted(capacityBytes, sliceBytes));
    }
    this.file = file;
    this.l1Table = l1Table;
    this.clusterBits = geometry.clusterBits();
    this.sliceBytes = sliceBytes;
    this.slicesPerTable = geometry.clusterBytes() / sliceBytes;
    this.capacityBytes = capacityBytes;
    this.pinnableBytes = Math.max(sliceBytes, capacityBytes / 4 * 3);
    this.unallocated = RawL2Slice.empty(entriesPerSlice(), clusterBits);
    for (int i = 0; i < LOADING_LOCKS; i++) {
      loadingLocks[i] = new ReentrantLock();
    }
  }

  /** How many L2 entries a slice has. */
  int entriesPerSlice() {
    return sliceBytes / Long.BYTES;
  }

  /** The slice of a place where there is no L2 table: nothing is allocated. */
  L2Slice unallocated() {
    return unallocated;
  }

  /**
   * The slice of a place; {@link #unallocated()} itself where there is no L2 table.
   *
   * <p>Threads: any number; those that find it cached take no lock.
   */
  L2Slice slice(int l1Index, int sliceIndex) throws IOException {
    CachedSlice cached = lookup(l1Index, sliceIndex);
    if (cached != null) {
      hits.increment();
      cached.touch();
      return cached.slice();
    }
    if (l1Table.tableOffset(l1Index) == 0) {
      return unallocated;
    }
    return load(l1Index, sliceIndex, false).slice();
  }

  /**
   * The place of a slice, with the slice in the cache; waits for room. The L2 table must exist. By
   * the time the caller looks, the slice may have been evicted again: then {@link #change} says so.
   */
  CachedSlice present(int l1Index, int sliceIndex) throws IOException {
    CachedSlice cached = lookup(l1Index, sliceIndex);
    if (cached != null) {
      hits.increment();
      cached.touch();
      return cached;
    }
    return load(l1Index, sliceIndex, true);
  }

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
   * Puts another slice in a place and marks it dirty, or does nothing. Callers change one place
   * from one thread at a time.
   */
  Change change(CachedSlice cached, L2Slice changed) {
    ringLock.lock();
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
      cached.replace(changed);
      return Change.MADE;
    } finally {
      ringLock.unlock();
    }
  }

  /** Takes all dirty slices to be written: they stay pinned until {@link #written} or not. */
  List<CachedSlice> takeDirty() {
    ringLock.lock();
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
      ringLock.unlock();
    }
  }

  /**
   * Says that slices from {@link #takeDirty} were written, or that they could not be and are dirty
   * again.
   */
  void written(Collection<CachedSlice> slices, boolean success) {
    ringLock.lock();
    try {
      for (CachedSlice cached : slices) {
        cached.writing(false);
        if (success) {
          writeBacks.increment();
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
      ringLock.unlock();
    }
  }

  /** Drops what was not used since the last call; never what is dirty. */
  void clean() {
    ringLock.lock();
    try {
      for (int i = ring.size() - 1; i >= 0; i--) {
        CachedSlice cached = ring.get(i);
        if (!cached.takeUsed() && !cached.pinned()) {
          evict(cached);
          cleaned.increment();
        }
      }
    } finally {
      ringLock.unlock();
    }
  }

  /** The counters as they are now. */
  CacheStats stats() {
    ringLock.lock();
    try {
      return new CacheStats(
          "l2",
          capacityBytes,
          heldBytes,
          sliceBytes,
          ring.size(),
          dirtyCount,
          hits.sum(),
          misses.sum(),
          evictions.sum(),
          writeBacks.sum(),
          cleaned.sum());
    } finally {
      ringLock.unlock();
    }
  }

  private CachedSlice lookup(int l1Index, int sliceIndex) {
    AtomicReferenceArray<AtomicReferenceArray<CachedSlice>> all = places;
    if (all == null) {
      return null;
    }
    AtomicReferenceArray<CachedSlice> table = all.getAcquire(l1Index);
    return table == null ? null : table.getAcquire(sliceIndex);
  }

  /** Loads a slice; without {@code wait}, one for which there is no room stays outside. */
  private CachedSlice load(int l1Index, int sliceIndex, boolean wait) throws IOException {
    ReentrantLock loading = loadingLock(l1Index, sliceIndex);
    loading.lock();
    try {
      CachedSlice cached = lookup(l1Index, sliceIndex);
      if (cached != null) {
        hits.increment();
        cached.touch();
        return cached;
      }
      misses.increment();
      CachedSlice loaded = new CachedSlice(l1Index, sliceIndex, read(l1Index, sliceIndex));
      if (promise(wait)) {
        publish(loaded);
      }
      return loaded;
    } finally {
      loading.unlock();
    }
  }

  private L2Slice read(int l1Index, int sliceIndex) throws IOException {
    while (true) {
      long tableOffset = l1Table.tableOffset(l1Index);
      ByteBuffer bytes = file.read(tableOffset + (long) sliceIndex * sliceBytes, sliceBytes);
      // A table that was replaced meanwhile may have been overwritten since: I2.
      if (l1Table.tableOffset(l1Index) == tableOffset) {
        return RawL2Slice.decode(bytes, clusterBits);
      }
    }
  }

  /** Makes room for a slice and keeps it for {@link #publish}. */
  private boolean promise(boolean wait) {
    ringLock.lock();
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
      ringLock.unlock();
    }
  }

  private void publish(CachedSlice loaded) {
    ringLock.lock();
    try {
      promisedBytes -= sliceBytes;
      heldBytes += loaded.slice().heldBytes();
      loaded.ringIndex(ring.size());
      ring.add(loaded);
      table(loaded.l1Index()).setRelease(loaded.sliceIndex(), loaded);
      roomMade.signalAll();
    } finally {
      ringLock.unlock();
    }
  }

  private AtomicReferenceArray<CachedSlice> table(int l1Index) {
    if (places == null) {
      places = new AtomicReferenceArray<>(l1Table.entryCount());
    }
    AtomicReferenceArray<CachedSlice> table = places.getAcquire(l1Index);
    if (table == null) {
      table = new AtomicReferenceArray<>(slicesPerTable);
      places.setRelease(l1Index, table);
    }
    return table;
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
        evictions.increment();
        return true;
      }
      hand++;
    }
    return false;
  }

  private void evict(CachedSlice cached) {
    int index = cached.ringIndex();
    CachedSlice last = ring.removeLast();
    if (last != cached) {
      ring.set(index, last);
      last.ringIndex(index);
    }
    cached.ringIndex(-1);
    table(cached.l1Index()).setRelease(cached.sliceIndex(), null);
    heldBytes -= cached.slice().heldBytes();
    roomMade.signalAll();
  }

  private ReentrantLock loadingLock(int l1Index, int sliceIndex) {
    return loadingLocks[(l1Index * slicesPerTable + sliceIndex) & (LOADING_LOCKS - 1)];
  }
}
