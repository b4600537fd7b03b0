package dev.platter.qcow2;

import java.util.ArrayList;
import java.util.List;

/** Cached slices in a row, linked through themselves. Threads: one at a time. */
final class SliceList {
  /** Stands before the first and behind the last. */
  private final CachedSlice ends = CachedSlice.end();

  private int count;
  private long bytes;

  boolean isEmpty() {
    return count == 0;
  }

  int count() {
    return count;
  }

  /** What the slices in it count. */
  long bytes() {
    return bytes;
  }

  CachedSlice first() {
    return ends.next();
  }

  /** Puts a slice that is in no list at the end of this one. */
  void add(CachedSlice cached) {
    cached.linkBefore(ends, this);
    count++;
    bytes += cached.countedBytes();
  }

  void remove(CachedSlice cached) {
    cached.unlink();
    count--;
    bytes -= cached.countedBytes();
  }

  /** Takes note that a slice in it counts more, or less, than it did. */
  void grow(long byteCount) {
    bytes += byteCount;
  }

  /** The slices as they stand now, in a list of the caller's own. */
  List<CachedSlice> copy() {
    List<CachedSlice> slices = new ArrayList<>(count);
    for (CachedSlice cached = ends.next(); cached != ends; cached = cached.next()) {
      slices.add(cached);
    }
    return slices;
  }
}
