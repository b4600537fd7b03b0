package dev.platter.qcow2;

import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Replaces L2 entries, and quarantines the clusters that they pointed to.
 *
 * <p>Both happen under one hold of the metadata lock, so that a generation that is cut has the new
 * entries and the dropped clusters, or neither. Threads: any number, for clusters apart.
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
   * Replaces entries of one slice. Writes metadata back first where too much of it is dirty.
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
      SliceRing.Change change = l2Cache.change(cached, old.with(range.index(), words));
      if (change == SliceRing.Change.MADE) {
        for (int i = 0; i < range.count(); i++) {
          unlink(old.entry(range.index() + i), words[i * old.wordsPerEntry()], cause);
        }
      }
      return change;
    } finally {
      metadataLock.unlock();
    }
  }

  private void unlink(long old, long replacement, Quarantine.Cause cause) {
    switch (L2Entry.kind(old)) {
      case NORMAL, ZERO_ALLOCATED -> {
        if (!dataFile && L2Entry.clusterOffset(old) != L2Entry.clusterOffset(replacement)) {
          quarantine.add(geometry.clusterIndex(L2Entry.clusterOffset(old)), 1, cause);
        }
      }
      case COMPRESSED -> {
        if (old != replacement) {
          long offset = L2Entry.compressedOffset(old, geometry.clusterBits());
          long last = offset + L2Entry.compressedBytes(old, geometry.clusterBits()) - 1;
          long first = geometry.clusterIndex(offset);
          quarantine.add(first, geometry.clusterIndex(last) - first + 1, cause);
        }
      }
      case UNALLOCATED, ZERO_PLAIN -> {}
    }
  }
}
