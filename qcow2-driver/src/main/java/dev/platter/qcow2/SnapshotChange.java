package dev.platter.qcow2;

import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.api.driver.SnapshottableFormat.SnapshotRequest;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.OptionalLong;

/**
 * Creates, applies and deletes internal snapshots of an image that nobody uses meanwhile.
 *
 * <p>Each operation writes all that changes to free clusters: refcounts, L2 tables whose COPIED
 * flags change, the active L1 table, the snapshot table. Then one write of the header names it all.
 *
 * <ul>
 *   <li>I1. (R1, R2, R6) What the header is to name is durable before the header names it.
 *   <li>I2. (R4, R5, R10) Until then nothing of the image is written to: a power cut or a failure
 *       leaves it as it was, refcounts and flags included, and what was written is free.
 *   <li>I3. (R7) The header names it in one write within a sector. Where that write cannot be made
 *       durable, the image must be opened again ({@link #uncertain}, R9).
 *   <li>I4. (R5) What is free then is punched out of the file only when the header is durable.
 *   <li>I5. A snapshot keeps its tables as they were when it was taken; it is the active tables
 *       that are replaced. COPIED flags mean nothing in a snapshot's.
 * </ul>
 *
 * <p>Changing refcounts and flags where they are, as others do, leaves moments in which they
 * contradict each other. The price is space for a second set of what changes: of 1 TiB in clusters
 * of 64 KiB, 128 MiB of L2 tables and 32 MiB of refcounts; the first set is free afterwards.
 */
final class SnapshotChange implements CurrentImage.UncertainChange {
  private final FormatOpening opening;
  private final String imageName;
  private final ImageFile file;
  private final Qcow2Header header;
  private final ClusterGeometry geometry;
  private final SnapshotList snapshots;
  private final RefcountCopy refcounts;
  private final MappingTree tree;
  private boolean uncertain;

  SnapshotChange(FormatOpening opening) throws IOException {
    this.opening = opening;
    this.imageName = opening.imageName();
    this.file = new ImageFile(opening.file());
    this.header = HeaderCodec.decode(imageName, file);
    this.geometry = header.geometry();
    if (header.features().dataFile()) {
      throw new UnsupportedFeatureException(
          imageName + ": an image with an external data file cannot have snapshots");
    }
    this.snapshots = SnapshotList.read(imageName, file, header);
    Corruption corruption = new Corruption(opening, new HeaderOnDisk(file, header));
    OverlapCheck overlaps = overlapCheck(corruption);
    this.refcounts =
        new RefcountCopy(imageName, file, geometry, header.refcountTable(), overlaps, corruption);
    this.tree = new MappingTree(file, geometry, refcounts, overlaps, corruption);
  }

  private OverlapCheck overlapCheck(Corruption corruption) {
    return new OverlapCheck(
        imageName,
        file,
        header,
        OverlapOptions.kinds(opening.options()),
        new L1Table(file, geometry, header.l1Table(), corruption),
        new RefcountTable(file, geometry, header.refcountTable()),
        corruption);
  }

  /** See {@link dev.platter.api.driver.SnapshottableFormat#createSnapshot}. */
  SnapshotInfo create(SnapshotRequest request) throws IOException {
    InternalSnapshot snapshot = snapshot(request);
    SnapshotList more = snapshots.with(snapshot, header.diskBytes());
    long[] active = tree.read(header.l1Table());
    long l1Offset = allocate(l1Bytes(active.length));
    long tableOffset = allocate(more.bytes());
    if (request.vmStateBytes() > 0) { // the machine's state is the snapshot's alone
      long end = Math.min(geometry.l1EntryCount(header.diskBytes()), active.length);
      Arrays.fill(active, (int) end, active.length, 0);
    }
    tree.share(active);
    release(header.snapshotTable().offset(), snapshots.bytes());
    publish(withSnapshots(more, tableOffset).withL1Table(write(active, l1Offset)));
    return snapshot.info(header.diskBytes());
  }

  private InternalSnapshot snapshot(SnapshotRequest request) {
    Instant date = request.date();
    return new InternalSnapshot(
        header.l1Table(), // I5
        snapshots.unusedId(),
        request.name(),
        date.getEpochSecond(),
        date.getNano(),
        request.vmClockNanoseconds(),
        request.vmStateBytes(),
        OptionalLong.of(header.diskBytes()),
        request.instructionCount(),
        InternalSnapshot.WRITTEN_EXTRA_BYTES);
  }

  /**
   * See {@link dev.platter.api.driver.SnapshottableFormat#applySnapshot}.
   *
   * @return the snapshot
   */
  InternalSnapshot apply(String id) throws IOException {
    InternalSnapshot snapshot = snapshots.find(id);
    new HeaderRules(imageName, false).checkSnapshotL1(geometry, snapshot.l1Table());
    long diskBytes = snapshot.diskBytes().orElse(header.diskBytes());
    long entryCount =
        Math.max(
            geometry.l1EntryCount(diskBytes),
            Math.max(header.l1Table().count(), snapshot.l1Table().count()));
    if (entryCount > HeaderRules.MAXIMUM_L1_ENTRIES) {
      throw new BlockIoException(imageName, "grow the L1 table", Errno.EFBIG);
    }
    tree.drop(tree.read(header.l1Table()));
    release(header.l1Table().offset(), l1Bytes(header.l1Table().count()));
    long[] active = Arrays.copyOf(tree.read(snapshot.l1Table()), (int) entryCount);
    long l1Offset = allocate(l1Bytes(active.length));
    tree.share(active);
    publish(header.withSize(diskBytes).withL1Table(write(active, l1Offset)));
    punchFreed();
    return snapshot;
  }

  /**
   * See {@link dev.platter.api.driver.SnapshottableFormat#deleteSnapshot}.
   *
   * @return the snapshot that was
   */
  InternalSnapshot delete(String id) throws IOException {
    InternalSnapshot snapshot = snapshots.find(id);
    new HeaderRules(imageName, false).checkSnapshotL1(geometry, snapshot.l1Table());
    SnapshotList fewer = snapshots.without(id);
    long tableOffset = allocate(fewer.bytes());
    release(header.snapshotTable().offset(), snapshots.bytes());
    tree.drop(tree.read(snapshot.l1Table()));
    release(snapshot.l1Table().offset(), l1Bytes(snapshot.l1Table().count()));
    long[] active = tree.read(header.l1Table());
    Qcow2Header changed = withSnapshots(fewer, tableOffset);
    if (tree.correctCopied(active)) {
      release(header.l1Table().offset(), l1Bytes(active.length));
      changed = changed.withL1Table(write(active, allocate(l1Bytes(active.length))));
    }
    publish(changed);
    punchFreed();
    return snapshot;
  }

  /**
   * Gives the active L1 table more entries; what it maps stays.
   *
   * @param entryCount more than it has, at most what a table may have
   * @return the table
   */
  TableLocation growL1Table(int entryCount) throws IOException {
    long[] active = Arrays.copyOf(tree.read(header.l1Table()), entryCount);
    long l1Offset = allocate(l1Bytes(entryCount));
    release(header.l1Table().offset(), l1Bytes(header.l1Table().count()));
    TableLocation grown = write(active, l1Offset);
    publish(header.withL1Table(grown));
    return grown;
  }

  /** Takes clusters for so many bytes; 0 for none. */
  private long allocate(long bytes) throws IOException {
    return bytes == 0
        ? 0
        : geometry.clusterOffset(refcounts.allocate(geometry.clusterCount(bytes)));
  }

  /** Counts one reference less to the clusters of a table. */
  private void release(long offset, long bytes) throws IOException {
    refcounts.lower(geometry.clusterIndex(offset), geometry.clusterCount(bytes));
  }

  private TableLocation write(long[] l1Entries, long offset) throws IOException {
    tree.write(offset, l1Entries);
    return new TableLocation(offset, l1Entries.length);
  }

  private Qcow2Header withSnapshots(SnapshotList list, long offset) throws IOException {
    file.write(offset, list.encode());
    return header.withSnapshotTable(new TableLocation(offset, list.size()));
  }

  private void publish(Qcow2Header changed) throws IOException {
    tree.finish();
    TableLocation refcountTable = refcounts.write();
    file.node().flush(); // I1
    uncertain = true;
    file.write(0, HeaderCodec.encodeFields(changed.withRefcountTable(refcountTable))); // I3
    file.node().flush();
    uncertain = false;
  }

  /** Whether nobody knows which header is on the disk: it was written, and could not be flushed. */
  @Override
  public boolean uncertain() {
    return uncertain;
  }

  /** Gives the host back what nobody uses any more (I4), if that is wanted. */
  private void punchFreed() {
    if (!opening.options().get(Qcow2Options.PASS_DISCARD_SNAPSHOT)) {
      return;
    }
    BitSet freed = refcounts.freed();
    for (int first = freed.nextSetBit(0); first >= 0; ) {
      int end = freed.nextClearBit(first);
      punch(geometry.clusterOffset(first), geometry.clusterOffset(end));
      first = freed.nextSetBit(end);
    }
  }

  private void punch(long offset, long end) {
    long length = Math.min(end, file.node().size()) - offset;
    try {
      if (length > 0) {
        file.node().discard(offset, length);
      }
    } catch (IOException e) {
      // The host keeps the space; the clusters are free all the same, and will be used again.
      return;
    }
  }

  private static long l1Bytes(long entryCount) {
    return entryCount * ClusterGeometry.TABLE_ENTRY_BYTES;
  }
}
