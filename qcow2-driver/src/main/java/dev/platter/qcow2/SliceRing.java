package dev.platter.qcow2;

import dev.platter.api.driver.CacheBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
 *   <li><b>I3</b> What is held was taken from the share. The share is never used under the lock,
 *       under which the budget asks what can go.
 *   <li><b>I4</b> A slice is evicted, or marked dirty, under the lock: never both. Its place is
 *       emptied under the lock too.
 *   <li><b>I5</b> A change allocates nothing once it is made: so where it throws, it is not made.
 * </ul>
 *
 * <p>Threads: any number; the lock is held for moments, and never during I/O.
 */
final class SliceRing implements CacheBudget.Evictor {

  /** What became of a change to a slice. */
  enum Change {
    /** It is made, and the slice is dirty. */
    MADE,
    /** The slice is no longer in the cache. */
    EVICTED,
    /** Too much of the cache is dirty, or there was no room: it has to be written back first. */
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

  /** What was taken of the share so that a slice can change. */
  private static final class Room {
    private long takenBytes;

    /** What has to be taken in all, if that is more. */
    private long neededBytes;
  }

  private static final Optional<Change> MADE = Optional.of(Change.MADE);

  /** Newcomers have a quarter of the capacity; another quarter is never pinned. */
  private static final int SHARES = 4;

  private final SlicePlaces places;
  private final SliceForm form;
  private final long capacityBytes;
  private final long pinnableBytes;
  private final int maximumBytes;
  private final RecentlyEvicted recentlyEvicted;
  private CacheBudget.Share share;

  private final ReentrantLock lock = new ReentrantLock();
  private final SliceList newcomers = new SliceList();
  private final SliceList proven = new SliceList();
  private final SliceList pinned = new SliceList();
  private boolean askedToRemember;
  private long placesBytes;
  private int dirtyCount;
  private long evictions;
  private long writeBacks;
  private long cleaned;

  /**
   * @param capacityBytes the most that the slices may take; if that is not enough for two, as much
   *     as two take
   * @param empty a slice of which nothing is allocated, as large as each is
   */
  SliceRing(SlicePlaces places, SliceForm form, long capacityBytes, L2Slice empty) {
    this.places = places;
    this.form = form;
    int sliceBytes = empty.wordsPerEntry() * empty.entryCount() * Long.BYTES;
    this.recentlyEvicted =
        new RecentlyEvicted(Math.clamp(2 * (capacityBytes / sliceBytes), 1, 1 << 20));
    this.maximumBytes =
        form.maximumBytes(empty) + bookkeeping(CachedSlice.BYTES + places.tableBytes());
    this.capacityBytes =
        Math.max(capacityBytes, 2L * maximumBytes + bookkeeping(recentlyEvicted.maximumBytes()));
    this.pinnableBytes = capacity() - Math.max(maximumBytes, capacity() / SHARES);
  }

  /** The most that one slice can take. */
  int maximumBytes() {
    return maximumBytes;
  }

  /** The most that may be held. */
  long capacityBytes() {
    return capacityBytes;
  }

  /** Takes bytes from a share from here on; before anything else. */
  void join(CacheBudget.Share taken) {
    share = taken;
  }

  /**
   * Takes in a slice, and puts it in its place, from which it may be evicted at any time.
   *
   * @return whether there was room for it
   */
  boolean add(CachedSlice loaded) {
    loaded.countedBytes(counted(loaded.slice()));
    loaded.touch(share.now());
    int mostBytes = loaded.countedBytes() + bookkeeping(places.tableBytes());
    if (!share.take(mostBytes)) {
      return false;
    }
    boolean asksToRemember;
    long surplus = mostBytes;
    lock.lock();
    try {
      surplus += heldBytes();
      makeRoom(mostBytes);
      int window = Math.max(1, sliceCount() / 2);
      loaded.proven(evictions == 0 || recentlyEvicted.take(places.number(loaded), window));
      row(loaded).add(loaded);
      placesBytes += bookkeeping(places.put(loaded));
      surplus -= heldBytes();
      asksToRemember = evictions > 0 && !askedToRemember;
      askedToRemember |= asksToRemember;
    } finally {
      lock.unlock();
    }
    share.give(surplus);
    if (asksToRemember) {
      beginToRemember();
    }
    return true;
  }

  /** Once, when something had to go: the room for it was kept in the capacity from the start. */
  private void beginToRemember() {
    if (share.take(bookkeeping(recentlyEvicted.maximumBytes()))) {
      lock.lock();
      try {
        recentlyEvicted.begin();
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Puts another slice in a place and marks it dirty, or does nothing, as where it throws (I5).
   * Under the metadata lock, so that one thread at a time changes slices.
   */
  Change change(CachedSlice cached, L2Slice changed) {
    Room room = new Room();
    Optional<Change> outcome = tryChange(cached, changed, room);
    while (outcome.isEmpty()) {
      if (!takeNeeded(cached, room)) {
        share.give(room.takenBytes);
        return Change.FULL;
      }
      outcome = tryChange(cached, changed, room);
    }
    share.give(room.takenBytes);
    return outcome.get();
  }

  /** Takes what a change needs; if that cannot be had, the slice may go again. */
  private boolean takeNeeded(CachedSlice cached, Room room) {
    boolean taken = false;
    try {
      taken = share.take(room.neededBytes - room.takenBytes);
    } finally {
      if (!taken) {
        abandon(cached);
      }
    }
    room.takenBytes = taken ? room.neededBytes : room.takenBytes;
    return taken;
  }

  /** All dirty slices. They stay what they are while the metadata lock is held. */
  List<CachedSlice> dirty() {
    lock.lock();
    try {
      List<CachedSlice> dirty = new ArrayList<>(dirtyCount);
      for (CachedSlice cached : pinned.copy()) {
        if (cached.dirty()) {
          dirty.add(cached);
        }
      }
      return dirty;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes dirty slices to be written: they stay pinned until {@link #written}. Allocates nothing.
   */
  void take(List<CachedSlice> dirty) {
    lock.lock();
    try {
      for (int i = 0; i < dirty.size(); i++) {
        dirty.get(i).dirty(false);
        dirty.get(i).writing(true);
      }
      dirtyCount -= dirty.size();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Says that slices from {@link #take} were written, or that they could not be and are dirty
   * again. Allocates nothing.
   */
  void written(List<CachedSlice> slices, boolean success) {
    lock.lock();
    try {
      for (int i = 0; i < slices.size(); i++) {
        CachedSlice cached = slices.get(i);
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
    long freed = 0;
    lock.lock();
    try {
      if (cached.held() && !cached.pinned() && cached.slice() == known) {
        freed = (long) cached.countedBytes() - counted(packed);
        cached.replace(packed, counted(packed));
      }
    } finally {
      lock.unlock();
    }
    share.give(freed);
  }

  /** Drops what was not used since the last call; never what is pinned. */
  void clean() {
    long freed;
    lock.lock();
    try {
      freed = heldBytes();
      List<CachedSlice> clean = newcomers.copy();
      clean.addAll(proven.copy());
      for (CachedSlice cached : clean) {
        if (!cached.takeUsed()) {
          drop(cached);
          cleaned++;
        }
      }
      freed -= heldBytes();
    } finally {
      lock.unlock();
    }
    share.give(freed);
  }

  @Override
  public long oldestUse() {
    lock.lock();
    try {
      return next().map(CachedSlice::lastUse).orElse(NOTHING);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long evictOldest() {
    lock.lock();
    try {
      long before = heldBytes();
      next().ifPresent(this::evict);
      return before - heldBytes();
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

  /** Changes a slice, unless it grows by more than was taken: then says nothing but how much. */
  private Optional<Change> tryChange(CachedSlice cached, L2Slice changed, Room room) {
    lock.lock();
    try {
      if (!cached.held()) {
        return Optional.of(cached.evicted() ? Change.EVICTED : Change.FULL);
      }
      if (!cached.pinned() && (pinned.count() + 1L) * maximumBytes > pinnableBytes) {
        return Optional.of(Change.FULL);
      }
      long growth = (long) counted(changed) - cached.countedBytes();
      if (growth > room.takenBytes) {
        pin(cached); // so that it is not what makes room for itself
        cached.changing(true);
        room.neededBytes = growth;
        return Optional.empty();
      }
      long before = heldBytes();
      put(cached, changed, growth);
      room.takenBytes -= heldBytes() - before;
      return MADE; // I5
    } finally {
      lock.unlock();
    }
  }

  private void abandon(CachedSlice cached) {
    lock.lock();
    try {
      cached.changing(false);
      if (!cached.pinned()) {
        move(cached, row(cached));
      }
    } finally {
      lock.unlock();
    }
  }

  private void pin(CachedSlice cached) {
    if (!cached.pinned()) {
      move(cached, pinned);
    }
  }

  private void put(CachedSlice cached, L2Slice changed, long growth) {
    pin(cached);
    cached.changing(false);
    if (!cached.dirty()) {
      cached.dirty(true);
      dirtyCount++;
    }
    makeRoom(growth);
    cached.replace(changed, counted(changed)); // I5: last of all
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
      evict(next().orElseThrow());
    }
  }

  /** The slice that is to go next; empty if all are pinned. */
  private Optional<CachedSlice> next() {
    boolean crowded = newcomers.bytes() > heldBytes() / SHARES;
    if (!newcomers.isEmpty() && (crowded || proven.isEmpty())) {
      return Optional.of(newcomers.first());
    }
    while (!proven.isEmpty() && proven.first().takeRecent()) {
      move(proven.first(), proven);
    }
    return proven.isEmpty() ? Optional.empty() : Optional.of(proven.first());
  }

  private void evict(CachedSlice cached) {
    if (!cached.proven()) {
      recentlyEvicted.add(places.number(cached));
    }
    drop(cached);
    evictions++;
  }

  private void drop(CachedSlice cached) {
    cached.list().remove(cached);
    cached.markEvicted();
    placesBytes -= bookkeeping(places.remove(cached));
  }
}
