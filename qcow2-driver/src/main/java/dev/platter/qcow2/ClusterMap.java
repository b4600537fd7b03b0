package dev.platter.qcow2;

import dev.platter.api.driver.Mapping;
import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.util.Optional;

/**
 * Answers where guest bytes live: L1 index, slice, L2 entry, and from there as long a run as the
 * slice has.
 *
 * <p>Threads: any number, also while entries change: an answer holds for some moment of the call.
 */
final class ClusterMap {
  private final ClusterGeometry geometry;
  private final int clusterBits;
  private final int version;
  private final boolean readOnly;
  private final boolean dataFile;
  private final L1Table l1Table;
  private final L2Cache l2Cache;
  private final Corruption corruption;
  private final OverlapCheck overlaps;
  private final int sliceEntryBits;

  ClusterMap(
      Qcow2Header header,
      boolean readOnly,
      L1Table l1Table,
      L2Cache l2Cache,
      OverlapCheck overlaps,
      Corruption corruption) {
    this.geometry = header.geometry();
    this.clusterBits = geometry.clusterBits();
    this.version = header.version();
    this.readOnly = readOnly;
    this.dataFile = header.features().dataFile();
    this.l1Table = l1Table;
    this.l2Cache = l2Cache;
    this.overlaps = overlaps;
    this.corruption = corruption;
    this.sliceEntryBits = Integer.numberOfTrailingZeros(l2Cache.entriesPerSlice());
  }

  /**
   * Says where guest bytes live.
   *
   * @param guestOffset first byte; below the end of what the L1 table covers
   * @param length how many bytes are of interest, at least 1
   */
  @SuppressWarnings("ReferenceEquality") // one slice stands for all tables that are not there
  Mapping map(long guestOffset, long length) throws IOException {
    int l1Index = (int) geometry.l1Index(guestOffset);
    int l2Index = geometry.l2Index(guestOffset);
    L2Slice slice = l2Cache.slice(l1Index, l2Index >>> sliceEntryBits);
    if (slice == l2Cache.unallocated()) {
      return unallocated(guestOffset, length, l1Index);
    }
    int index = l2Index & (slice.entryCount() - 1);
    long inCluster = geometry.offsetIntoCluster(guestOffset);
    long clusters = ((inCluster + length - 1) >>> clusterBits) + 1;
    int maximum = (int) Math.min(clusters, slice.entryCount() - index);
    if (geometry.extendedL2()) {
      requireValid(slice.entry(index), slice.bitmap(index), l1Index, l2Index);
      int subcluster = (int) (inCluster >>> geometry.mappingUnitBits());
      SubclusterRun run = SubclusterRun.at(slice, index, subcluster, maximum, dataFile);
      return subclusters(run, inCluster, length);
    }
    int run = runOf(slice, index, maximum);
    long bytes = Math.min(length, ((long) run << clusterBits) - inCluster);
    long entry = slice.entry(index);
    return clusters(kind(entry, l1Index, l2Index), entry, run, inCluster, bytes);
  }

  /**
   * Says how far back the bytes reach that are unallocated like those at an offset, within its
   * slice or, where there is no L2 table, within those that are not there either.
   *
   * @param leastOffset how far back is of interest; at most {@code guestOffset}
   */
  @SuppressWarnings("ReferenceEquality") // one slice stands for all tables that are not there
  long unallocatedStart(long guestOffset, long leastOffset) throws IOException {
    int l1Index = (int) geometry.l1Index(guestOffset);
    int l2Index = geometry.l2Index(guestOffset);
    Optional<L2Slice> known = l2Cache.known(l1Index, l2Index >>> sliceEntryBits);
    if (known.isEmpty()) {
      return guestOffset; // evicted since
    }
    L2Slice slice = known.get();
    if (slice == l2Cache.unallocated()) {
      int least = (int) geometry.l1Index(leastOffset);
      long start = (long) l1Table.endOfAllocated(least, l1Index) << geometry.l1CoverageBits();
      return Math.max(leastOffset, start);
    }
    int index = l2Index & (slice.entryCount() - 1);
    int first = slice.unallocatedStart(index);
    if (first > index) {
      return guestOffset;
    }
    long cluster = guestOffset - geometry.offsetIntoCluster(guestOffset);
    return Math.max(leastOffset, cluster - ((long) (index - first) << clusterBits));
  }

  /** On its own, so that both are small enough to be compiled into the read loop. */
  private Mapping clusters(L2Entry.Kind kind, long entry, int run, long inCluster, long bytes)
      throws IOException {
    return switch (kind) {
      case UNALLOCATED -> new Mapping.Backing(bytes);
      case ZERO_PLAIN -> new Mapping.Zero(bytes, false, 0);
      case ZERO_ALLOCATED ->
          new Mapping.Zero(bytes, true, L2Entry.clusterOffset(entry) + inCluster);
      case NORMAL -> data(entry, run, inCluster, bytes);
      case COMPRESSED -> new Mapping.Encoded(entry, bytes);
    };
  }

  /**
   * What an entry says, after a look at whether it may say so.
   *
   * @throws CorruptImageException if it must not
   */
  L2Entry.Kind kind(long entry, int l1Index, int l2Index) throws IOException {
    L2Entry.Kind kind = L2Entry.kind(entry, dataFile);
    switch (kind) {
      case NORMAL, ZERO_ALLOCATED -> {
        if (!geometry.aligned(L2Entry.clusterOffset(entry))) {
          throw unaligned(kind, entry, l1Index, l2Index);
        }
        requireInPlace(entry, l1Index, l2Index);
      }
      case COMPRESSED -> requireNoDataFile(l1Index, l2Index);
      case UNALLOCATED, ZERO_PLAIN -> {}
    }
    boolean zero = kind == L2Entry.Kind.ZERO_PLAIN || kind == L2Entry.Kind.ZERO_ALLOCATED;
    if (zero && version < 3) {
      throw corruption.fatal("Zero cluster entry found in pre-v3 image" + where(l1Index, l2Index));
    }
    return kind;
  }

  private Mapping subclusters(SubclusterRun run, long inCluster, long length) throws IOException {
    long end = (run.first() + run.count()) << geometry.mappingUnitBits();
    long bytes = Math.min(length, end - inCluster);
    long hostOffset = L2Entry.clusterOffset(run.entry()) + inCluster;
    return switch (run.kind()) {
      case UNALLOCATED_PLAIN -> new Mapping.Backing(bytes);
      case UNALLOCATED_ALLOCATED -> new Mapping.Backing(bytes, true, hostOffset);
      case ZERO_PLAIN -> new Mapping.Zero(bytes, false, 0);
      case ZERO_ALLOCATED -> new Mapping.Zero(bytes, true, hostOffset);
      case NORMAL -> data(run.entry(), run.clusterCount(), inCluster, bytes);
      case COMPRESSED -> new Mapping.Encoded(run.entry(), bytes);
    };
  }

  /**
   * Lets the words of an extended entry be used by returning.
   *
   * @throws CorruptImageException if they must not
   */
  void requireValid(long entry, long bitmap, int l1Index, int l2Index) throws IOException {
    if (Subclusters.compressed(entry)) {
      requireNoDataFile(l1Index, l2Index);
      return;
    }
    if (!geometry.aligned(L2Entry.clusterOffset(entry))) {
      throw unaligned(L2Entry.Kind.NORMAL, entry, l1Index, l2Index);
    }
    if (!Subclusters.valid(entry, bitmap, dataFile)) {
      throw corruption.fatal("Invalid cluster entry found " + where(l1Index, l2Index));
    }
    if (Subclusters.hosted(entry, dataFile)) {
      requireInPlace(entry, l1Index, l2Index);
    }
  }

  /**
   * A run of stored clusters. Where a damaged image has metadata among them, the answer is for the
   * first cluster alone, so that what is said of it is true of all of the answer.
   */
  private Mapping data(long entry, int run, long inCluster, long bytes) throws IOException {
    long offset = L2Entry.clusterOffset(entry);
    long cluster = offset >>> clusterBits;
    boolean ours = !readOnly && L2Entry.copied(entry);
    if (!ours || dataFile || overlaps.clear(cluster, run)) {
      return new Mapping.Data(offset + inCluster, bytes, ours);
    }
    long first = Math.min(bytes, (1L << clusterBits) - inCluster);
    return new Mapping.Data(offset + inCluster, first, overlaps.clear(cluster, 1));
  }

  /** Nothing below the L1 entry, nor perhaps below those that follow. */
  private Mapping unallocated(long guestOffset, long length, int l1Index) throws IOException {
    int last = (int) Math.min(geometry.l1Index(guestOffset + length - 1), l1Table.entryCount() - 1);
    int next = l1Table.nextAllocated(l1Index + 1, last + 1);
    long end = next > last ? guestOffset + length : (long) next << geometry.l1CoverageBits();
    return new Mapping.Backing(end - guestOffset);
  }

  /** Data at offset 0 of a data file has an entry like that of a cluster which is not there. */
  private int runOf(L2Slice slice, int index, int maximum) {
    return dataFile && L2Entry.clusterOffset(slice.entry(index)) == 0 && index == 0
        ? Math.min(1, maximum)
        : slice.run(index, maximum);
  }

  private void requireInPlace(long entry, int l1Index, int l2Index) throws IOException {
    long guestOffset =
        ((long) l1Index << geometry.l1CoverageBits()) + ((long) l2Index << clusterBits);
    long offset = L2Entry.clusterOffset(entry);
    if (dataFile && offset != guestOffset) {
      throw corruption.fatal(
          ("External data file host cluster offset %s does not match guest cluster offset: %s, L2"
                  + " index: %s)")
              .formatted(
                  Corruption.hex(offset), Corruption.hex(guestOffset), Corruption.hex(l2Index)));
    }
  }

  private void requireNoDataFile(int l1Index, int l2Index) throws IOException {
    if (dataFile) {
      throw corruption.fatal(
          "Compressed cluster entry found in image with external data file"
              + where(l1Index, l2Index));
    }
  }

  private CorruptImageException unaligned(L2Entry.Kind kind, long entry, int l1Index, int l2Index)
      throws IOException {
    String what =
        kind == L2Entry.Kind.NORMAL
            ? "Cluster allocation offset %#x unaligned"
            : "Preallocated zero cluster offset %#x unaligned";
    return corruption.fatal(what.formatted(L2Entry.clusterOffset(entry)) + where(l1Index, l2Index));
  }

  private String where(int l1Index, int l2Index) throws IOException {
    return " (L2 offset: %s, L2 index: %s)"
        .formatted(Corruption.hex(l1Table.tableOffset(l1Index)), Corruption.hex(l2Index));
  }
}
