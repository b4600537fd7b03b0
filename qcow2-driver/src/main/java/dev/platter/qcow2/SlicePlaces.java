package dev.platter.qcow2;

import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Where in the L2 cache each slice stands: by L1 index, then by part of the L2 table.
 *
 * <p>Takes no memory to speak of before the first slice is put. Threads: {@link #find} by any
 * number, without a lock; the rest by one thread at a time.
 */
final class SlicePlaces {
  /** Stands where no slice does. */
  static final CachedSlice NONE = new CachedSlice(-1, -1, RawL2Slice.empty(0, 0));

  private final int l1EntryCount;
  private final int slicesPerTable;
  private volatile AtomicReferenceArray<AtomicReferenceArray<CachedSlice>> tables =
      new AtomicReferenceArray<>(0);

  SlicePlaces(int l1EntryCount, int slicesPerTable) {
    this.l1EntryCount = l1EntryCount;
    this.slicesPerTable = slicesPerTable;
  }

  /** The slice that stands in a place, or {@link #NONE}. */
  CachedSlice find(int l1Index, int sliceIndex) {
    AtomicReferenceArray<AtomicReferenceArray<CachedSlice>> all = tables;
    if (l1Index >= all.length()) {
      return NONE;
    }
    AtomicReferenceArray<CachedSlice> table = all.getAcquire(l1Index);
    if (table == null) {
      return NONE;
    }
    CachedSlice found = table.getAcquire(sliceIndex);
    return found == null ? NONE : found;
  }

  /** Puts a slice in its place. */
  void put(CachedSlice cached) {
    if (tables.length() == 0) {
      tables = new AtomicReferenceArray<>(l1EntryCount);
    }
    AtomicReferenceArray<CachedSlice> table = tables.getPlain(cached.l1Index());
    if (table == null) {
      table = new AtomicReferenceArray<>(slicesPerTable);
      tables.setRelease(cached.l1Index(), table);
    }
    table.setRelease(cached.sliceIndex(), cached);
  }

  /** Takes a slice out of its place. */
  void remove(CachedSlice cached) {
    tables.getPlain(cached.l1Index()).setRelease(cached.sliceIndex(), null);
  }
}
