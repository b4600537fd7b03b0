package dev.platter.qcow2;

import java.util.BitSet;
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
    PendingWrites contents,
    PendingWrites refcountLinks,
    PendingWrites pointers,
    boolean postponed) {

  /** Whether the header is to be told where the refcount table lies. */
  boolean movesTable() {
    return tablePlace != RefcountTable.Place.NAMED;
  }
}
