package dev.platter.qcow2;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Gives L1 entries an L2 table of their own: a new one, or a copy of one that is shared with an
 * internal snapshot.
 *
 * <p>The table's contents, zeros if it is new, are in the file before the L1 entry names it in
 * memory: so the write-back of that L1 entry finds them behind a barrier, and slices find space
 * (R10). Threads: any number; not under the metadata lock.
 */
final class L2Tables {
  private static final int LOCKS = 16;

  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final ReentrantLock metadataLock;
  private final L1Table l1Table;
  private final ClusterAllocator allocator;
  private final OverlapCheck overlaps;
  private final Quarantine quarantine;
  private final ReentrantLock[] locks = new ReentrantLock[LOCKS];

  L2Tables(
      ImageFile file,
      ClusterGeometry geometry,
      ReentrantLock metadataLock,
      L1Table l1Table,
      ClusterAllocator allocator,
      OverlapCheck overlaps,
      Quarantine quarantine) {
    this.file = file;
    this.geometry = geometry;
    this.metadataLock = metadataLock;
    this.l1Table = l1Table;
    this.allocator = allocator;
    this.overlaps = overlaps;
    this.quarantine = quarantine;
    for (int i = 0; i < LOCKS; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /**
   * Sees to it that the entry has an L2 table that may be changed in place.
   *
   * @throws dev.platter.api.error.CorruptImageException if the table that it names is where other
   *     metadata is
   */
  void own(int l1Index) throws IOException {
    if (owned(l1Index)) {
      overlaps.requireTableClear(geometry.clusterIndex(l1Table.tableOffset(l1Index)));
      return;
    }
    ReentrantLock lock = locks[l1Index & (LOCKS - 1)];
    lock.lock();
    try {
      if (!owned(l1Index)) {
        replace(l1Index, l1Table.tableOffset(l1Index));
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets go of all L2 tables from an L1 entry on; nothing of them may be in the L2 cache. */
  void dropFrom(int firstL1Index) throws IOException {
    int end = l1Table.entryCount();
    for (int i = l1Table.nextAllocated(firstL1Index, end);
        i < end;
        i = l1Table.nextAllocated(i + 1, end)) {
      long cluster = geometry.clusterIndex(l1Table.tableOffset(i));
      overlaps.clear(cluster, 1); // loads what is to be watched, before a table is missing from it
      metadataLock.lock();
      try {
        l1Table.set(i, 0);
        quarantine.add(cluster, 1, Quarantine.Cause.OTHER);
        overlaps.remove(MetadataKind.ACTIVE_L2, cluster, 1);
      } finally {
        metadataLock.unlock();
      }
    }
  }

  /**
   * The first guest offset at or behind {@code guestOffset} below which there is an L2 table, or
   * {@code end}.
   */
  long nextMapped(long guestOffset, long end) throws IOException {
    int index = (int) geometry.l1Index(guestOffset);
    int endIndex = (int) Math.min(l1Table.entryCount(), geometry.l1EntryCount(end));
    int next = l1Table.nextAllocated(index, endIndex);
    if (next == index) {
      return guestOffset;
    }
    return next >= endIndex ? end : Math.min(end, next * geometry.l1CoverageBytes());
  }

  private boolean owned(int l1Index) throws IOException {
    return L1Entry.copied(l1Table.entry(l1Index)) && l1Table.tableOffset(l1Index) != 0;
  }

  private void replace(int l1Index, long oldOffset) throws IOException {
    ClusterAllocator.Run run;
    metadataLock.lock();
    try {
      run = allocator.allocate("L2 table", 1);
    } finally {
      metadataLock.unlock();
    }
    long newOffset = geometry.clusterOffset(run.firstCluster());
    try {
      write(newOffset, oldOffset);
      if (oldOffset == 0) {
        file.reserveWord(l1Table.entryOffset(l1Index)); // nobody else writes it while it is zero
      }
    } catch (IOException e) {
      giveBack(run, e);
      throw e;
    }
    metadataLock.lock();
    try {
      overlaps.add(MetadataKind.ACTIVE_L2, run.firstCluster(), 1);
      l1Table.set(l1Index, L1Entry.of(newOffset));
      if (oldOffset != 0) {
        quarantine.add(geometry.clusterIndex(oldOffset), 1, Quarantine.Cause.OTHER);
        overlaps.remove(MetadataKind.ACTIVE_L2, geometry.clusterIndex(oldOffset), 1);
      }
    } finally {
      metadataLock.unlock();
    }
  }

  private void write(long newOffset, long oldOffset) throws IOException {
    int clusterBytes = geometry.clusterBytes();
    if (oldOffset != 0) {
      file.announce("l2_alloc_cow_read");
      ByteBuffer copy = file.read(oldOffset, clusterBytes);
      file.announce("l2_alloc_write");
      file.write(newOffset, copy);
    } else {
      file.announce("l2_alloc_write");
      file.reserve(newOffset, clusterBytes);
    }
  }

  private void giveBack(ClusterAllocator.Run run, IOException failure) {
    metadataLock.lock();
    try {
      allocator.giveBack(run);
    } catch (IOException e) {
      failure.addSuppressed(e);
    } finally {
      metadataLock.unlock();
    }
  }
}
