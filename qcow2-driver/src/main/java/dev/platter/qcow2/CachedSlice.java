package dev.platter.qcow2;

/**
 * A place in the L2 cache: which slice stands there, and what the cache knows of its use.
 *
 * <p>Threads: {@link #slice()} and {@link #touch()} by any; the rest under the lock of the {@link
 * L2Cache} that made it.
 */
final class CachedSlice {
  private final int l1Index;
  private final int sliceIndex;
  private volatile L2Slice slice;

  // Hints that readers set without synchronisation: a lost update costs a slice its second chance.
  private boolean recent;
  private boolean used = true;

  private boolean dirty;
  private boolean writing;
  private int ringIndex = -1;

  CachedSlice(int l1Index, int sliceIndex, L2Slice slice) {
    this.l1Index = l1Index;
    this.sliceIndex = sliceIndex;
    this.slice = slice;
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

  void replace(L2Slice changed) {
    slice = changed;
  }

  /** Notes a use. */
  void touch() {
    // Reading first keeps the cache line shared among the processors that only read.
    if (!recent) {
      recent = true;
    }
    if (!used) {
      used = true;
    }
  }

  /** Whether the slice was used since the clock's hand last passed; forgets it. */
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
    return dirty || writing;
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

  /** Where it stands in the ring of slices that can be evicted; -1 once it has been. */
  int ringIndex() {
    return ringIndex;
  }

  void ringIndex(int index) {
    ringIndex = index;
  }
}
