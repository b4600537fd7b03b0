package dev.platter.qcow2;

import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.CacheBudget;
import dev.platter.api.driver.CachedFormat.CacheStats;
import dev.platter.api.driver.CompressingFormat.CompressedSpace;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * All that changes an image: reserving clusters, linking them, letting go of them, and writing the
 * metadata back.
 *
 * <ul>
 *   <li><b>I1</b> Whatever belongs together changes under one hold of the metadata lock, so that a
 *       generation that is cut has it all or nothing: L2 entries and the clusters they drop, an L1
 *       entry and the table it drops.
 *   <li><b>I2</b> No guest data moves under the metadata lock; of metadata, only refcount blocks,
 *       and the space of what counts them.
 *   <li><b>I3</b> (R10) What fails before its last step leaves entries and refcounts as they were.
 * </ul>
 *
 * <p>Locks, in this order: an L2 table's, the metadata lock, and those of the L2 cache. Threads:
 * any number, for ranges apart.
 */
final class ImageWriter {
  private static final String DATA_CLUSTER = "data cluster";

  private final ImageFile file;
  private final GuestData guestData;
  private final ClusterGeometry geometry;
  private final Corruption corruption;
  private final ClusterMap clusterMap;
  private final L2Cache l2Cache;
  private final OverlapCheck overlaps;
  private final ReentrantLock metadataLock = new ReentrantLock();
  private final RefcountCache refcountCache;
  private final Quarantine quarantine;
  private final ClusterAllocator allocator;
  private final L2Tables l2Tables;
  private final WriteBack writeBack;
  private final EntryChanges entryChanges;
  private final Reclaimer reclaimer;
  private final ClusterRelease clusterRelease;
  private final SubclusterWriter subclusters;
  private final CompressedClusterWriter compressedWriter;

  ImageWriter(
      ImageOpening opening,
      HeaderOnDisk header,
      Qcow2Settings settings,
      Corruption corruption,
      L1Table l1Table,
      L2Cache l2Cache,
      RefcountTable refcountTable,
      OverlapCheck overlaps,
      ClusterMap clusterMap,
      CompressedClusters compressedClusters,
      CacheBudget.Share refcountShare) {
    String imageName = opening.imageName();
    this.file = new ImageFile(opening.file());
    this.guestData = opening.guestData();
    this.geometry = header.current().geometry();
    this.corruption = corruption;
    this.clusterMap = clusterMap;
    this.l2Cache = l2Cache;
    this.overlaps = overlaps;
    PackingTail tail = new PackingTail(geometry.clusterBits());
    this.quarantine = new Quarantine(opening.readFence(), geometry.clusterBits(), tail);
    this.refcountCache =
        new RefcountCache(file, geometry, settings.caches().refcountBytes(), refcountShare);
    Refcounts refcounts =
        new Refcounts(
            imageName,
            geometry,
            file,
            refcountTable,
            refcountCache,
            overlaps,
            quarantine,
            corruption);
    this.allocator = new ClusterAllocator(imageName, geometry, refcounts, overlaps, corruption);
    this.l2Tables =
        new L2Tables(file, geometry, metadataLock, l1Table, allocator, overlaps, quarantine);
    this.writeBack =
        new WriteBack(
            imageName,
            file,
            guestData,
            metadataLock,
            header,
            l1Table,
            l2Cache,
            refcountTable,
            refcountCache,
            quarantine,
            settings.lazyRefcounts());
    this.entryChanges =
        new EntryChanges(
            geometry, guestData.external(), metadataLock, l2Cache, l2Tables, quarantine, writeBack);
    this.reclaimer =
        new Reclaimer(
            opening.nodeName(),
            opening.environment().events(),
            file,
            geometry,
            settings,
            metadataLock,
            quarantine,
            refcounts,
            overlaps,
            allocator,
            compressedClusters);
    ReleaseRules releaseRules =
        new ReleaseRules(
            header.current().version(),
            header.current().backing().isPresent(),
            settings.discardNoUnref());
    this.subclusters =
        new SubclusterWriter(geometry, clusterMap, overlaps, releaseRules, guestData.external());
    this.clusterRelease =
        new ClusterRelease(
            guestData,
            geometry,
            header.current().diskBytes(),
            settings.passDiscardRequest(),
            releaseRules,
            clusterMap,
            l2Cache,
            l2Tables,
            entryChanges,
            subclusters,
            new KeptClusters(file, geometry, overlaps));
    this.compressedWriter =
        new CompressedClusterWriter(
            imageName,
            file,
            geometry,
            this,
            clusterMap,
            l2Cache,
            l2Tables,
            entryChanges,
            metadataLock,
            new CompressedPacking(geometry, refcounts, allocator, overlaps, tail));
  }

  /** Reserves clusters for a write, as {@link dev.platter.api.driver.FormatDriver#allocate}. */
  Allocation allocate(long guestOffset, long length) throws IOException {
    checkWritable();
    reclaimer.run(false);
    SliceRange range = SliceRange.first(geometry, l2Cache, guestOffset, length);
    L2Slice slice = l2Cache.slice(range.l1Index(), range.sliceIndex());
    long entry = slice.entry(range.index());
    if (geometry.extendedL2()) {
      return allocate(range, entry, subclusters.span(range, slice, guestOffset, length));
    }
    L2Entry.Kind kind = clusterMap.kind(entry, range.l1Index(), range.l2Index());
    if (kind == L2Entry.Kind.ZERO_ALLOCATED && L2Entry.copied(entry)) {
      ClusterAllocator.Run own = ownClusters(entry, slice.run(range.index(), range.count()));
      return allocation(range, own, false);
    }
    int count = 0;
    while (count < range.count() && needsCluster(range, slice, count)) {
      count++;
    }
    if (count == 0 && !guestData.external()) {
      overlaps.requireClear(geometry.clusterIndex(L2Entry.clusterOffset(entry)), 1);
      throw new IllegalStateException(
          "allocation for 0x%x, which can be written in place".formatted(guestOffset));
    }
    return guestData.external()
        ? inDataFile(range, count, 0, (long) count << geometry.clusterBits())
        : allocation(range, reserveFor(range, count), true);
  }

  /** Reserves room for a compressed cluster, as {@link CompressedClusterWriter#allocate}. */
  CompressedSpace allocateCompressed(long guestOffset, int byteCount) throws IOException {
    checkWritable();
    if (guestData.external()) {
      throw new UnsupportedFeatureException("no compressed clusters beside an external data file");
    }
    reclaimer.run(false);
    return compressedWriter.allocate(guestOffset, byteCount);
  }

  /** Lets go of clusters, as {@link dev.platter.api.driver.FormatDriver#release}. */
  boolean release(long guestOffset, long length, ReleaseMode mode) throws IOException {
    checkWritable();
    if (!clusterRelease.release(guestOffset, length, mode)) {
      return false;
    }
    reclaimer.run(false);
    return true;
  }

  /** Lets go of all L2 tables from an L1 entry on; nothing of them has been read. */
  void dropTables(int firstL1Index) throws IOException {
    checkWritable();
    l2Tables.dropFrom(firstL1Index);
  }

  /** Makes everything durable that was changed or written before the call. */
  void flush() throws IOException {
    writeBack.flush();
    reclaimer.run(false);
  }

  /**
   * Writes everything back, also what lazy refcounts postpone; what waits in quarantine becomes
   * free in the image as well. Nobody changes or flushes anything meanwhile.
   */
  void settle() throws IOException {
    settle(false);
  }

  /**
   * The same once nobody uses the image any more. Where compressed data ends the file, it is made
   * to end with a sector, as QEMU leaves it.
   */
  void close() throws IOException {
    settle(true);
    compressedWriter.alignFile();
  }

  private void settle(boolean closing) throws IOException {
    writeBack.settle();
    if (reclaimer.run(closing)) {
      writeBack.settle();
    }
  }

  /** Drops refcount blocks that nobody has used since the last call. */
  void clean() {
    metadataLock.lock();
    try {
      refcountCache.clean();
    } finally {
      metadataLock.unlock();
    }
  }

  /** The refcount cache's counters as they are now. */
  CacheStats refcountStats() {
    metadataLock.lock();
    try {
      return refcountCache.stats();
    } finally {
      metadataLock.unlock();
    }
  }

  /** Points guest clusters to host clusters: the last step of an allocation. */
  void link(long guestOffset, long length, ClusterAllocator.Run run) throws IOException {
    checkWritable();
    SliceRange range = SliceRange.first(geometry, l2Cache, guestOffset, length);
    if (geometry.extendedL2()) {
      L2Slice slice = l2Cache.slice(range.l1Index(), range.sliceIndex());
      long[] words = subclusters.linked(range, slice, guestOffset, length, run.firstCluster());
      entryChanges.replace(range, words, Quarantine.Cause.OTHER);
      return;
    }
    long[] entries = new long[run.clusterCount()];
    for (int i = 0; i < entries.length; i++) {
      entries[i] = L2Entry.normal(geometry.clusterOffset(run.firstCluster() + i));
    }
    entryChanges.replace(range, entries, Quarantine.Cause.OTHER);
  }

  /** Reserves clusters side by side for metadata. */
  ClusterAllocator.Run reserveTogether(String purpose, int clusterCount) throws IOException {
    checkWritable();
    metadataLock.lock();
    try {
      return allocator.allocateTogether(purpose, clusterCount);
    } finally {
      metadataLock.unlock();
    }
  }

  /** Frees clusters that nothing in the image points to any more, durably. */
  void letGo(ClusterAllocator.Run run) {
    metadataLock.lock();
    try {
      quarantine.add(run.firstCluster(), run.clusterCount(), Quarantine.Cause.OTHER);
    } finally {
      metadataLock.unlock();
    }
  }

  /** Notes that clusters hold the directory of bitmaps now, or no longer do. */
  void directoryAt(ClusterAllocator.Run run, boolean now) throws IOException {
    metadataLock.lock();
    try {
      if (now) {
        overlaps.add(MetadataKind.BITMAP_DIRECTORY, run.firstCluster(), run.clusterCount());
      } else {
        overlaps.remove(MetadataKind.BITMAP_DIRECTORY, run.firstCluster(), run.clusterCount());
      }
    } finally {
      metadataLock.unlock();
    }
  }

  /** Lets the directory of bitmaps be written in place by returning. */
  void requireDirectoryClear(ClusterAllocator.Run run) throws IOException {
    checkWritable();
    overlaps.requireDirectoryClear(run.firstCluster(), run.clusterCount());
  }

  /** Frees clusters that were reserved and not linked. */
  void giveBack(ClusterAllocator.Run run) {
    metadataLock.lock();
    try {
      allocator.giveBack(run);
    } catch (IOException e) {
      // The clusters stay counted: a leak, which is all that a failed request may leave behind.
      return;
    } finally {
      metadataLock.unlock();
    }
  }

  /** Lets a change go on by returning. */
  void checkWritable() throws IOException {
    corruption.checkWritable();
    writeBack.checkUsable();
  }

  /**
   * Reserves clusters; where the file would grow for them although much waits in quarantine, that
   * is written back first, and taken if nobody uses it any more (I4 of {@link Quarantine}).
   */
  ClusterAllocator.Run reserve(String purpose, int maximum) throws IOException {
    Optional<ClusterAllocator.Run> run = tryReserve(purpose, maximum);
    if (run.isPresent()) {
      return run.get();
    }
    writeBack.flush();
    reclaimer.run(false);
    metadataLock.lock();
    try {
      return allocator.allocate(purpose, maximum);
    } finally {
      metadataLock.unlock();
    }
  }

  private Optional<ClusterAllocator.Run> tryReserve(String purpose, int maximum)
      throws IOException {
    metadataLock.lock();
    try {
      ClusterAllocator.Run run = allocator.allocate(purpose, maximum);
      long fileBytes = file.node().size();
      boolean grows = geometry.clusterOffset(run.firstCluster()) >= fileBytes;
      if (!grows || !quarantine.worthWritingBack(fileBytes)) {
        return Optional.of(run);
      }
      allocator.giveBack(run);
      return Optional.empty();
    } finally {
      metadataLock.unlock();
    }
  }

  private ClusterAllocator.Run reserveFor(SliceRange range, int maximum) throws IOException {
    l2Tables.own(range.l1Index()); // first, so that the table does not lie between data clusters
    file.announce("cluster_alloc");
    return reserve(DATA_CLUSTER, maximum);
  }

  /** Clusters that are linked already, from that of an entry on. */
  private ClusterAllocator.Run ownClusters(long entry, int count) throws IOException {
    long firstCluster = geometry.clusterIndex(L2Entry.clusterOffset(entry));
    if (!guestData.external()) {
      overlaps.requireClear(firstCluster, count);
    }
    return new ClusterAllocator.Run(firstCluster, count);
  }

  private Allocation allocation(SliceRange range, ClusterAllocator.Run run, boolean reserved) {
    long length = (long) run.clusterCount() << geometry.clusterBits();
    return allocation(range.guestOffset(), length, run, 0, reserved);
  }

  /**
   * Space in the data file: at the guest offset, whatever is there.
   *
   * @param skipped bytes of the first cluster that stay as they are
   * @param length how many bytes are to be filled
   */
  private Allocation inDataFile(SliceRange range, int count, long skipped, long length)
      throws IOException {
    l2Tables.own(range.l1Index());
    ClusterAllocator.Run run =
        new ClusterAllocator.Run(geometry.clusterIndex(range.guestOffset()), count);
    long offset = range.guestOffset() + skipped;
    return new Qcow2Allocation(
        this, offset, length, run, offset, false, guestData.endsBefore(offset));
  }

  private Allocation allocate(SliceRange range, long entry, SubclusterWriter.Span span)
      throws IOException {
    if (span.inPlace()) {
      return allocation(range, span, ownClusters(entry, span.clusterCount()), false);
    }
    if (guestData.external()) {
      long skipped = (long) span.first() << geometry.mappingUnitBits();
      long length = (span.end() << geometry.mappingUnitBits()) - skipped;
      return inDataFile(range, span.clusterCount(), skipped, length);
    }
    return allocation(range, span, reserveFor(range, span.clusterCount()), true);
  }

  private Allocation allocation(
      SliceRange range, SubclusterWriter.Span whole, ClusterAllocator.Run run, boolean reserved) {
    SubclusterWriter.Span span = whole.cutTo(run.clusterCount());
    long skipped = (long) span.first() << geometry.mappingUnitBits();
    long length = (span.end() << geometry.mappingUnitBits()) - skipped;
    return allocation(range.guestOffset() + skipped, length, run, skipped, reserved);
  }

  private Allocation allocation(
      long guestOffset, long length, ClusterAllocator.Run run, long skipped, boolean reserved) {
    long hostOffset = geometry.clusterOffset(run.firstCluster());
    boolean knownZero = reserved && hostOffset >= file.node().size();
    return new Qcow2Allocation(
        this, guestOffset, length, run, hostOffset + skipped, reserved, knownZero);
  }

  /** Whether the cluster can be written neither in place nor into a cluster it has in reserve. */
  private boolean needsCluster(SliceRange range, L2Slice slice, int ordinal) throws IOException {
    long entry = slice.entry(range.index() + ordinal);
    return switch (clusterMap.kind(entry, range.l1Index(), range.l2Index() + ordinal)) {
      case NORMAL, ZERO_ALLOCATED -> !L2Entry.copied(entry);
      case UNALLOCATED, ZERO_PLAIN, COMPRESSED -> true;
    };
  }
}
