package dev.platter.qcow2;

/**
 * A place in the L2 cache: which slice stands there, and what the cache knows of its use.
 *
 * <p>Threads: {@link #slice()} and {@link #touch} by any; the rest under the lock of the {@link
 * SliceRing} that holds it.
 */
final class CachedSlice {
  /** What an object of this class takes, and the reference to it in {@link SlicePlaces}. */
  static final int BYTES =
      HeapBytes.object(Long.BYTES + 3 * Integer.BYTES + 4 * HeapBytes.REFERENCE + 7)
          + HeapBytes.REFERENCE;

  private final int l1Index;
  private final int sliceIndex;
  private volatile L2Slice slice;
  private int countedBytes;

  // Hints that readers set without synchronisation: a lost update costs a slice its second chance.
  private boolean recent;
  private boolean used = true;
  private long lastUse;

  private boolean dirty;
  private boolean writing;
  private boolean changing;
  private boolean proven;
  private boolean evicted;
  private CachedSlice previous;
  private CachedSlice next;
  private SliceList list;

  CachedSlice(int l1Index, int sliceIndex, L2Slice slice) {
    this.l1Index = l1Index;
    this.sliceIndex = sliceIndex;
    this.slice = slice;
  }

  /** A slice that is none: the ends of a list, which is empty. */
  static CachedSlice end() {
    CachedSlice end = new CachedSlice(-1, -1, new EmptyL2Slice(0, 0));
    end.previous = end;
    end.next = end;
    return end;
  }

  /** The L1 entry under which the slice lies. */
  int l1Index() {
    return l1Index;
  }

  /** Which part of its L2 table it is. */
  int sliceIndex() {
    return sliceIndex;
  }

  /** The entries as they are now. */
  L2Slice slice() {
    return slice;
  }

  /** Puts other entries here. */
  void replace(L2Slice changed, int changedBytes) {
    list.grow(changedBytes - countedBytes);
    countedBytes = changedBytes;
    slice = changed;
  }

  /** What the slice counts in the budget. */
  int countedBytes() {
    return countedBytes;
  }

  void countedBytes(int bytes) {
    countedBytes = bytes;
  }

  /**
   * Notes a use.
   *
   * @param now the time by which uses are ordered
   */
  void touch(long now) {
    // Reading first keeps the cache line shared among the processors that only read.
    if (!recent) {
      recent = true;
    }
    if (!used) {
      used = true;
    }
    if (lastUse != now) {
      lastUse = now;
    }
  }

  /** When it was last used. */
  long lastUse() {
    return lastUse;
  }

  /** Whether the slice was used since it was last passed over; forgets it. */
  boolean takeRecent() {
    boolean was = recent;
    recent = false;
    return was;
  }

  /** Whether the slice was used since the last cleaning; forgets it. */
  boolean takeUsed() {
    boolean was = used;
    used = false;
    return was;
  }

  /** Whether the image does not hold these entries yet, or may not: then it must stay. */
  boolean pinned() {
    return dirty || writing || changing;
  }

  boolean dirty() {
    return dirty;
  }

  void dirty(boolean value) {
    dirty = value;
  }

  void writing(boolean value) {
    writing = value;
  }

  /** Notes that room is being made for a change to it. */
  void changing(boolean value) {
    changing = value;
  }

  /** Whether it was needed at two times far apart. */
  boolean proven() {
    return proven;
  }

  void proven(boolean value) {
    proven = value;
  }

  /** Whether it is in the cache. */
  boolean held() {
    return list != null;
  }

  /** Whether it was in the cache and is no more. */
  boolean evicted() {
    return evicted;
  }

  void markEvicted() {
    evicted = true;
  }

  /** The list that it stands in. */
  SliceList list() {
    return list;
  }

  CachedSlice next() {
    return next;
  }

  void linkBefore(CachedSlice successor, SliceList into) {
    previous = successor.previous;
    next = successor;
    previous.next = this;
    successor.previous = this;
    list = into;
  }

  void unlink() {
    previous.next = next;
    next.previous = previous;
    list = null;
  }
}
