package dev.platter.qcow2;

import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.CachedFormat.CacheStats;
import dev.platter.api.error.OptionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The cached slices of the L2 tables.
 *
 * <p>A slice is known by the guest range that it maps (L1 index, part of the table), not by where
 * its table lies: so a lookup needs no L1 entry, and copying a table that is shared with a snapshot
 * leaves its cached slices valid. Lookups read two arrays and take no lock; loads of slices apart
 * run side by side. Slices are kept packed while they are clean ({@link SliceForm}).
 *
 * <ul>
 *   <li><b>I1</b> A slice comes into the cache only under the loading lock of its place, and
 *       changes only while it is there: so what a load has read is what the image last said.
 *   <li><b>I2</b> What was read from a table that was replaced meanwhile is read again: the old
 *       table may have been overwritten since.
 *   <li><b>I3</b> What is held never exceeds the capacity ({@link SliceRing}), nor what the budget
 *       of all images grants. A reader whose slice gets no room uses it and lets it go.
 * </ul>
 *
 * <p>Locks: a loading lock is taken before that of the budget, and that before the ring's.
 */
final class L2Cache {
  private static final int LOADING_LOCKS = 64;

  private final ImageFile file;
  private final L1Table l1Table;
  private final int clusterBits;
  private final long diskBytes;
  private final SliceForm form;
  private final int sliceBytes;
  private final int entryBytes;
  private final int slicesPerTable;
  private final L2Slice unallocated;
  private final L2Slice empty;
  private final SlicePlaces places;
  private final SliceRing ring;
  private final ReentrantLock[] loadingLocks = new ReentrantLock[LOADING_LOCKS];
  private CacheBudget.Share share;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  /**
   * @param header of the image, whose disk is mapped
   * @param sizes what the slices may take; that is raised to what two take
   */
  L2Cache(ImageFile file, L1Table l1Table, Qcow2Header header, CacheSizes sizes, SliceForm form) {
    ClusterGeometry geometry = header.geometry();
    this.file = file;
    this.l1Table = l1Table;
    this.clusterBits = geometry.clusterBits();
    this.diskBytes = header.diskBytes();
    this.form = form;
    this.sliceBytes = sizes.l2EntryBytes();
    this.entryBytes = geometry.l2EntryBytes();
    this.slicesPerTable = geometry.clusterBytes() / sliceBytes;
    this.unallocated = emptySlice(geometry);
    this.empty = emptySlice(geometry);
    this.places = new SlicePlaces(l1Table.entryCount(), slicesPerTable);
    this.ring = new SliceRing(places, form, sizes.l2Bytes(), empty);
    for (int i = 0; i < LOADING_LOCKS; i++) {
      loadingLocks[i] = new ReentrantLock();
    }
  }

  /**
   * Takes a share of a budget, before anything else. An image that is written is promised room for
   * two slices: so it can always go on.
   *
   * @throws OptionException if the budget has no room for that
   */
  void join(String imageName, CacheBudget budget, boolean writable) throws OptionException {
    share = CacheShares.join(imageName, budget, ring, writable ? 2L * ring.maximumBytes() : 0);
    ring.join(share);
  }

  /** Gives back what it took of the budget; nobody uses it any more. */
  void close() {
    share.close();
  }

  /** How many L2 entries a slice has. */
  int entriesPerSlice() {
    return sliceBytes / entryBytes;
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
    CachedSlice cached = places.find(l1Index, sliceIndex);
    if (cached != SlicePlaces.NONE) {
      return hit(cached).slice();
    }
    if (l1Table.tableOffset(l1Index) == 0) {
      return unallocated;
    }
    return load(l1Index, sliceIndex).slice();
  }

  /** The slice of a place, as {@link #slice}, if nothing has to be read for it. */
  Optional<L2Slice> known(int l1Index, int sliceIndex) throws IOException {
    CachedSlice cached = places.find(l1Index, sliceIndex);
    if (cached != SlicePlaces.NONE) {
      return Optional.of(cached.slice());
    }
    return l1Table.tableOffset(l1Index) == 0 ? Optional.of(unallocated) : Optional.empty();
  }

  /**
   * The place of a slice, with the slice in the cache if it had room. The L2 table must exist. By
   * the time the caller looks, the slice may have been evicted again: {@link #change} says so.
   */
  CachedSlice present(int l1Index, int sliceIndex) throws IOException {
    CachedSlice cached = places.find(l1Index, sliceIndex);
    return cached == SlicePlaces.NONE ? load(l1Index, sliceIndex) : hit(cached);
  }

  /** See {@link SliceRing#change}. */
  SliceRing.Change change(CachedSlice cached, L2Slice changed) {
    return ring.change(cached, changed);
  }

  /** See {@link SliceRing#dirty}. */
  List<CachedSlice> dirty() {
    return ring.dirty();
  }

  /** See {@link SliceRing#take}. */
  void take(List<CachedSlice> dirty) {
    ring.take(dirty);
  }

  /** See {@link SliceRing#written}. */
  void written(List<CachedSlice> slices, boolean success) {
    ring.written(slices, success);
  }

  /** Packs slices that were written, as far as they have not changed again. */
  void pack(Collection<CachedSlice> slices) {
    if (form == SliceForm.RAW) {
      return;
    }
    for (CachedSlice cached : slices) {
      L2Slice written = cached.slice();
      ring.repack(cached, written, form.encode(written.words(), clusterBits, empty));
    }
  }

  /** See {@link SliceRing#clean}. */
  void clean() {
    ring.clean();
  }

  /** The counters as they are now. */
  CacheStats stats() {
    SliceRing.Counts counts = ring.counts();
    return new CacheStats(
        "l2",
        ring.capacityBytes(),
        counts.heldBytes(),
        sliceBytes,
        counts.sliceCount(),
        counts.dirtyCount(),
        hits.sum(),
        misses.sum(),
        counts.evictions(),
        counts.writeBacks(),
        counts.cleaned(),
        Math.min(diskBytes, ((long) counts.sliceCount() * entriesPerSlice()) << clusterBits));
  }

  private L2Slice emptySlice(ClusterGeometry geometry) {
    return geometry.extendedL2()
        ? SubclusterL2Slice.empty(entriesPerSlice(), clusterBits)
        : new EmptyL2Slice(entriesPerSlice(), clusterBits);
  }

  private CachedSlice hit(CachedSlice cached) {
    hits.increment();
    cached.touch(share.now());
    return cached;
  }

  private CachedSlice load(int l1Index, int sliceIndex) throws IOException {
    ReentrantLock loading =
        loadingLocks[(l1Index * slicesPerTable + sliceIndex) & (LOADING_LOCKS - 1)];
    loading.lock();
    try {
      CachedSlice cached = places.find(l1Index, sliceIndex);
      if (cached != SlicePlaces.NONE) {
        return hit(cached);
      }
      misses.increment();
      CachedSlice loaded = new CachedSlice(l1Index, sliceIndex, read(l1Index, sliceIndex));
      ring.add(loaded);
      return loaded;
    } finally {
      loading.unlock();
    }
  }

  private L2Slice read(int l1Index, int sliceIndex) throws IOException {
    while (true) {
      long tableOffset = l1Table.tableOffset(l1Index);
      file.announce("l2_load");
      ByteBuffer bytes = file.read(tableOffset + (long) sliceIndex * sliceBytes, sliceBytes);
      if (l1Table.tableOffset(l1Index) == tableOffset) { // I2
        long[] words = new long[sliceBytes / Long.BYTES];
        bytes.asLongBuffer().get(words);
        return form.encode(words, clusterBits, empty);
      }
    }
  }
}
