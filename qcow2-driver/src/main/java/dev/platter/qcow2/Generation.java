package dev.platter.qcow2;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * The metadata that one write-back takes to the file: what was dirty at the moment it was cut,
 * sorted by the stage in which it may be written.
 *
 * @param slices the slices' places in the cache
 * @param l1Indexes L1 entries
 * @param refcountBlocks indexes of refcount blocks
 * @param refcountIndexes refcount table entries
 * @param tablePlace how far the image knew the refcount table's place
 * @param tableLocation where the refcount table lay
 * @param freed clusters that were unlinked
 * @param contents writes to places that nothing in the file names: new tables
 * @param refcountLinks writes that name new refcount blocks
 * @param pointers writes that name clusters of guest data and L2 tables
 * @param postponed whether refcounts were left out, so that the pointers need the dirty mark
 */
record Generation(
    List<CachedSlice> slices,
    BitSet l1Indexes,
    List<Long> refcountBlocks,
    BitSet refcountIndexes,
    RefcountTable.Place tablePlace,
    TableLocation tableLocation,
    Quarantine.Batch freed,
    List<PendingWrite> contents,
    List<PendingWrite> refcountLinks,
    List<PendingWrite> pointers,
    boolean postponed) {

  /** Whether the header is to be told where the refcount table lies. */
  boolean movesTable() {
    return tablePlace != RefcountTable.Place.NAMED;
  }

  /** Joins writes that are adjacent in the file; orders them by offset. */
  static List<PendingWrite> joined(List<PendingWrite> writes) {
    List<PendingWrite> sorted = new ArrayList<>(writes);
    sorted.sort(Comparator.comparingLong(PendingWrite::hostOffset));
    List<PendingWrite> joined = new ArrayList<>();
    int from = 0;
    for (int to = 1; to <= sorted.size(); to++) {
      if (to == sorted.size() || !sorted.get(to - 1).endsAt(sorted.get(to).hostOffset())) {
        joined.add(PendingWrite.join(sorted.subList(from, to)));
        from = to;
      }
    }
    return joined;
  }
}
