package dev.platter.qcow2;

import dev.platter.api.ZeroMode;
import dev.platter.api.driver.ReleaseMode;
import java.io.IOException;

/**
 * Lets go of guest ranges: what their entries become, and what of that the host is told.
 *
 * <p>Threads: any number, for ranges apart; not under the metadata lock.
 */
final class ClusterRelease {
  private final GuestData guestData;
  private final ClusterGeometry geometry;
  private final long diskBytes;
  private final boolean passesDiscards;
  private final ReleaseRules releaseRules;
  private final ClusterMap clusterMap;
  private final L2Cache l2Cache;
  private final L2Tables l2Tables;
  private final EntryChanges entryChanges;
  private final SubclusterWriter subclusters;
  private final KeptClusters keptClusters;

  ClusterRelease(
      GuestData guestData,
      ClusterGeometry geometry,
      long diskBytes,
      boolean passesDiscards,
      ReleaseRules releaseRules,
      ClusterMap clusterMap,
      L2Cache l2Cache,
      L2Tables l2Tables,
      EntryChanges entryChanges,
      SubclusterWriter subclusters,
      KeptClusters keptClusters) {
    this.guestData = guestData;
    this.geometry = geometry;
    this.diskBytes = diskBytes;
    this.passesDiscards = passesDiscards;
    this.releaseRules = releaseRules;
    this.clusterMap = clusterMap;
    this.l2Cache = l2Cache;
    this.l2Tables = l2Tables;
    this.entryChanges = entryChanges;
    this.subclusters = subclusters;
    this.keptClusters = keptClusters;
  }

  /**
   * Lets go of a range, as {@link dev.platter.api.driver.FormatDriver#release}.
   *
   * @return false if the image cannot say it; then nothing was done
   */
  boolean release(long guestOffset, long length, ReleaseMode mode) throws IOException {
    if (!releaseRules.expressible(mode)) {
      return false;
    }
    if (partOfCluster(guestOffset, length)) {
      return zeroPart(guestOffset, length, mode);
    }
    long end = geometry.alignUp(guestOffset + length);
    boolean sparse = releaseRules.keepsUnallocated(mode) && !guestData.external();
    long at = sparse ? l2Tables.nextMapped(guestOffset, end) : guestOffset;
    while (at < end) {
      SliceRange range = SliceRange.first(geometry, l2Cache, at, end - at);
      releaseSlice(range, Math.min(range.bytes(geometry), guestOffset + length - at), mode);
      at += range.bytes(geometry);
      if (sparse && at < end) { // a disk of petabytes may have a handful of tables
        at = l2Tables.nextMapped(at, end);
      }
    }
    return true;
  }

  private void releaseSlice(SliceRange range, long bytes, ReleaseMode mode) throws IOException {
    if (guestData.raw() && mode != ReleaseMode.TO_BACKING) {
      guestData.zero(range.guestOffset(), bytes, zeroMode(mode));
    }
    L2Slice slice = l2Cache.slice(range.l1Index(), range.sliceIndex());
    long[] words =
        geometry.extendedL2()
            ? subclusters.released(range, slice, mode)
            : releasedEntries(range, slice, mode);
    boolean changed = replaceChanged(range, slice, words);
    if (!passesDiscards) {
      return;
    }
    if (guestData.external()) {
      if (unmaps(mode)) {
        // The caller holds the range: nothing is written there now.
        guestData.discard(range.guestOffset(), bytes);
      }
    } else if (changed && releaseRules.emptied(mode)) {
      keptClusters.empty(range, slice, words);
    }
  }

  private static boolean unmaps(ReleaseMode mode) {
    return mode == ReleaseMode.DISCARD || mode == ReleaseMode.ZERO_UNMAP;
  }

  private static ZeroMode zeroMode(ReleaseMode mode) {
    return unmaps(mode) ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED;
  }

  private long[] releasedEntries(SliceRange range, L2Slice slice, ReleaseMode mode)
      throws IOException {
    long[] entries = new long[range.count()];
    for (int i = 0; i < entries.length; i++) {
      long old = slice.entry(range.index() + i);
      L2Entry.Kind kind = clusterMap.kind(old, range.l1Index(), range.l2Index() + i);
      entries[i] = releaseRules.released(old, kind, mode);
    }
    return entries;
  }

  private boolean partOfCluster(long guestOffset, long length) {
    long end = guestOffset + length;
    return !geometry.aligned(guestOffset) || (!geometry.aligned(end) && end != diskBytes);
  }

  /** Makes subclusters of one cluster zeros; that cannot be said of a compressed one's. */
  private boolean zeroPart(long guestOffset, long length, ReleaseMode mode) throws IOException {
    SliceRange range = SliceRange.first(geometry, l2Cache, guestOffset, length);
    L2Slice slice = l2Cache.slice(range.l1Index(), range.sliceIndex());
    if (Subclusters.compressed(slice.entry(range.index()))) {
      return false;
    }
    if (guestData.raw()) {
      guestData.zero(guestOffset, length, zeroMode(mode));
    }
    replaceChanged(range, slice, subclusters.zeroed(range, slice, guestOffset, length));
    return true;
  }

  private boolean replaceChanged(SliceRange range, L2Slice slice, long[] words) throws IOException {
    if (!changes(range, slice, words)) {
      return false;
    }
    entryChanges.replace(range, words, Quarantine.Cause.REQUEST);
    return true;
  }

  private static boolean changes(SliceRange range, L2Slice slice, long[] words) {
    int wordsPerEntry = slice.wordsPerEntry();
    for (int i = 0; i < range.count(); i++) {
      int index = range.index() + i;
      boolean bitmapChanges =
          wordsPerEntry > 1 && words[i * wordsPerEntry + 1] != slice.bitmap(index);
      if (bitmapChanges || words[i * wordsPerEntry] != slice.entry(index)) {
        return true;
      }
    }
    return false;
  }
}
