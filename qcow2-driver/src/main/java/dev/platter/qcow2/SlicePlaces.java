package dev.platter.qcow2;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Where in the L2 cache each slice stands: by L1 index, then by part of the L2 table.
 *
 * <p>Before the first slice is put it takes nothing, then 8 bytes for each L1 entry, beside the 8
 * that the L1 table itself takes; and for each L2 table of which a slice is there, {@link
 * #tableBytes()}. Threads: {@link #find} by any number, without a lock; the rest by one thread at a
 * time.
 */
final class SlicePlaces {
  /** Stands where no slice does. */
  static final CachedSlice NONE = new CachedSlice(-1, -1, new EmptyL2Slice(0, 0));

  private static final VarHandle TABLE = MethodHandles.arrayElementVarHandle(CachedSlice[][].class);
  private static final VarHandle SLOT = MethodHandles.arrayElementVarHandle(CachedSlice[].class);

  private final int l1EntryCount;
  private final int slicesPerTable;
  private int[] counts = {};
  private volatile CachedSlice[][] tables = {};

  SlicePlaces(int l1EntryCount, int slicesPerTable) {
    this.l1EntryCount = l1EntryCount;
    this.slicesPerTable = slicesPerTable;
  }

  /** What the places of one L2 table take. */
  int tableBytes() {
    return HeapBytes.array((long) slicesPerTable * HeapBytes.REFERENCE);
  }

  /** A number that no other slice of the image has. */
  long number(CachedSlice cached) {
    return (long) cached.l1Index() * slicesPerTable + cached.sliceIndex();
  }

  /** The slice that stands in a place, or {@link #NONE}. */
  CachedSlice find(int l1Index, int sliceIndex) {
    CachedSlice[][] all = tables;
    if (l1Index >= all.length) {
      return NONE;
    }
    CachedSlice[] table = (CachedSlice[]) TABLE.getAcquire(all, l1Index);
    if (table == null) {
      return NONE;
    }
    CachedSlice found = (CachedSlice) SLOT.getAcquire(table, sliceIndex);
    return found == null ? NONE : found;
  }

  /**
   * Puts a slice in its place.
   *
   * @return how many bytes more that takes, for the places of a table that had no slice here
   */
  int put(CachedSlice cached) {
    if (tables.length == 0) {
      counts = new int[l1EntryCount];
      tables = new CachedSlice[l1EntryCount][];
    }
    int l1Index = cached.l1Index();
    boolean first = counts[l1Index]++ == 0;
    CachedSlice[] table = first ? new CachedSlice[slicesPerTable] : tables[l1Index];
    SLOT.setRelease(table, cached.sliceIndex(), cached);
    if (first) {
      TABLE.setRelease(tables, l1Index, table);
    }
    return first ? tableBytes() : 0;
  }

  /**
   * Takes a slice out of its place. A reader that has found its table may still find nothing there,
   * and then looks again.
   *
   * @return how many bytes that gives back
   */
  int remove(CachedSlice cached) {
    int l1Index = cached.l1Index();
    SLOT.setRelease(tables[l1Index], cached.sliceIndex(), null);
    boolean last = --counts[l1Index] == 0;
    if (last) {
      TABLE.setRelease(tables, l1Index, null);
    }
    return last ? tableBytes() : 0;
  }
}
