package dev.platter.qcow2;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Replaces L2 entries, and quarantines the clusters that they pointed to.
 *
 * <p>Both happen under one hold of the metadata lock, so that a generation that is cut has the new
 * entries and the dropped clusters, or neither. The room for those is there before anything
 * changes, so that no lack of memory comes between. Threads: any number, for clusters apart.
 */
final class EntryChanges {
  private final ClusterGeometry geometry;
  private final boolean dataFile;
  private final ReentrantLock metadataLock;
  private final L2Cache l2Cache;
  private final L2Tables l2Tables;
  private final Quarantine quarantine;
  private final WriteBack writeBack;

  /**
   * @param dataFile whether guest data lies in an external file, where no cluster is ever dropped
   */
  EntryChanges(
      ClusterGeometry geometry,
      boolean dataFile,
      ReentrantLock metadataLock,
      L2Cache l2Cache,
      L2Tables l2Tables,
      Quarantine quarantine,
      WriteBack writeBack) {
    this.geometry = geometry;
    this.dataFile = dataFile;
    this.metadataLock = metadataLock;
    this.l2Cache = l2Cache;
    this.l2Tables = l2Tables;
    this.quarantine = quarantine;
    this.writeBack = writeBack;
  }

  /**
   * Replaces entries of one slice. Writes metadata back first where too much of it is dirty. Where
   * this throws an {@link IOException}, nothing was replaced.
   *
   * @param words those of one entry for each cluster of the range
   * @param cause why clusters are dropped
   */
  void replace(SliceRange range, long[] words, Quarantine.Cause cause) throws IOException {
    l2Tables.own(range.l1Index());
    while (true) {
      switch (tryReplace(range, words, cause)) {
        case MADE -> {
          return;
        }
        case EVICTED -> {}
        case FULL -> writeBack.flush();
      }
    }
  }

  private SliceRing.Change tryReplace(SliceRange range, long[] words, Quarantine.Cause cause)
      throws IOException {
    CachedSlice cached = l2Cache.present(range.l1Index(), range.sliceIndex());
    metadataLock.lock();
    try {
      if (quarantine.crowded()) {
        return SliceRing.Change.FULL;
      }
      L2Slice old = cached.slice();
      int dropped = dropped(range, old, words);
      quarantine.reserve(dropped);
      SliceRing.Change change = l2Cache.change(cached, old.with(range.index(), words));
      if (change == SliceRing.Change.MADE && dropped > 0) {
        unlink(range, old, words, cause);
      }
      return change;
    } finally {
      metadataLock.unlock();
    }
  }

  /** How many of the entries drop what they pointed to. */
  private int dropped(SliceRange range, L2Slice old, long[] words) {
    int count = 0;
    for (int i = 0; i < range.count(); i++) {
      count += drops(old.entry(range.index() + i), words[i * old.wordsPerEntry()]) ? 1 : 0;
    }
    return count;
  }

  private boolean drops(long old, long replacement) {
    return switch (L2Entry.kind(old)) {
      case NORMAL, ZERO_ALLOCATED ->
          !dataFile && L2Entry.clusterOffset(old) != L2Entry.clusterOffset(replacement);
      case COMPRESSED -> old != replacement;
      case UNALLOCATED, ZERO_PLAIN -> false;
    };
  }

  private void unlink(SliceRange range, L2Slice before, long[] words, Quarantine.Cause cause) {
    for (int i = 0; i < range.count(); i++) {
      long old = before.entry(range.index() + i);
      if (!drops(old, words[i * before.wordsPerEntry()])) {
        continue;
      }
      if (L2Entry.kind(old) == L2Entry.Kind.COMPRESSED) {
        long offset = L2Entry.compressedOffset(old, geometry.clusterBits());
        long last = offset + L2Entry.compressedBytes(old, geometry.clusterBits()) - 1;
        long first = geometry.clusterIndex(offset);
        quarantine.add(first, geometry.clusterIndex(last) - first + 1, cause);
      } else {
        quarantine.add(geometry.clusterIndex(L2Entry.clusterOffset(old)), 1, cause);
      }
    }
  }
}
