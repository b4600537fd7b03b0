package dev.platter.qcow2;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Checks an image that nobody changes meanwhile, and mends it: counts the references to each
 * cluster, compares them with the refcounts, and then the COPIED flags with both. What is found is
 * said in QEMU's words and counted as QEMU counts it.
 *
 * <p>Repairs are made so that a power cut at any point leaves nothing worse than before:
 *
 * <ul>
 *   <li>I1. A refcount goes up to what is referred to, or down to it; no reference is dropped but
 *       one that cannot be right and holds no data. Where the active L1 table is lost nothing is
 *       mended.
 *   <li>I2. (R5) Space is given back to the host only when the refcounts that free it are durable.
 *   <li>I3. (R6, R7) New refcount structures, and a new snapshot table, are durable, behind
 *       everything else in the file, before the header names them: all of them in one write within
 *       a sector.
 *   <li>I4. The dirty and corrupt bits, and autoclear bits that nobody knows, are cleared last,
 *       when everything else is durable, and only if nothing is left to mend.
 *   <li>I5. What is referred to behind the end of the file reads as zeros, and nothing new is put
 *       there: the file is made longer first.
 * </ul>
 */
final class Qcow2Checker {
  private final String imageName;
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final CheckTally tally;
  private final Repair repair;
  private final int windowClusters;
  private final long fileBytes;
  private final long endCluster;
  private final SnapshotTableCheck snapshotCheck;
  private Optional<SnapshotTable> snapshots = Optional.empty();
  private Qcow2Header header;
  private StoredRefcounts stored;
  private long highestCluster;
  private boolean beyondMending;

  private Qcow2Checker(
      String imageName,
      BlockNode node,
      Qcow2Header header,
      Repair repair,
      CheckTally tally,
      int windowClusters)
      throws IOException {
    this.imageName = imageName;
    this.windowClusters = windowClusters;
    this.file = new ImageFile(node);
    this.header = header;
    this.geometry = header.geometry();
    this.tally = tally;
    this.repair = repair;
    this.fileBytes = node.size();
    this.endCluster = geometry.clusterCount(fileBytes);
    if (endCluster > Integer.MAX_VALUE) {
      throw new BlockIoException(imageName, "check", Errno.EFBIG);
    }
    this.stored = new StoredRefcounts(file, geometry, header.refcountTable());
    this.snapshotCheck = new SnapshotTableCheck(imageName, file, header, tally, repair);
  }

  /**
   * Checks an image; with a repair, mends it and, if anything was mended, checks it again.
   *
   * @param node the image's file; nobody else writes to it meanwhile
   * @param findings takes one line for each finding, as it is made
   * @return what is wrong now, and how much has been mended
   * @throws BlockIoException if the refcounts cannot be mended in place and {@code repair} allows
   *     no more, or if the active L1 table is lost; the image is as it was
   */
  static CheckReport check(
      String imageName, BlockNode node, Repair repair, Consumer<String> findings)
      throws IOException {
    return check(imageName, node, repair, findings, ReferenceCounts.WINDOW_CLUSTERS);
  }

  /**
   * The same with another bound of memory.
   *
   * @param windowClusters how many clusters are counted at once; a multiple of those that a
   *     refcount block counts
   */
  static CheckReport check(
      String imageName,
      BlockNode node,
      Repair repair,
      Consumer<String> findings,
      int windowClusters)
      throws IOException {
    CheckReport first = checkOnce(imageName, node, repair, findings, windowClusters);
    if (first.corruptionsFixed() == 0 && first.leaksFixed() == 0) {
      return first;
    }
    CheckReport second = checkOnce(imageName, node, Repair.NONE, findings, windowClusters);
    return new CheckReport(
        second.imageEndOffset(),
        second.totalClusters(),
        second.allocatedClusters(),
        second.fragmentedClusters(),
        second.compressedClusters(),
        second.corruptions(),
        second.leaks(),
        first.corruptionsFixed(),
        first.leaksFixed(),
        second.checkErrors());
  }

  private static CheckReport checkOnce(
      String imageName,
      BlockNode node,
      Repair repair,
      Consumer<String> findings,
      int windowClusters)
      throws IOException {
    Qcow2Header header = HeaderCodec.decodeToCheck(imageName, new ImageFile(node));
    OpenRules.checkDataFile(imageName, header.features());
    CheckTally tally = new CheckTally(findings);
    return new Qcow2Checker(imageName, node, header, repair, tally, windowClusters).run();
  }

  private CheckReport run() throws IOException {
    snapshots = snapshotCheck.read();
    if (snapshotCheck.corruptions() > 0) {
      long offset = header.snapshotTable().offset();
      header = header.withSnapshotTable(new TableLocation(offset, snapshotCheck.mendedCount()));
    }
    checkL1Complete();
    requireMendable();
    checkRefcounts();
    new CopiedFlagCheck(imageName, file, header, stored, fixedMetadata(), tally, repair).run();
    if (snapshotCheck.corruptions() > 0) {
      mendSnapshotTable();
    }
    if (repair != Repair.NONE && tally.checkErrors == 0 && tally.corruptions == 0) {
      clearMarks();
    }
    return tally.report(
        geometry.clusterOffset(highestCluster + 1), geometry.clusterCount(header.diskBytes()));
  }

  /** A table that was cut off reads as zeros, so that nobody would see that guest data is gone. */
  private void checkL1Complete() {
    TableLocation l1 = header.l1Table();
    long end = l1.offset() + (long) l1.count() * ClusterGeometry.TABLE_ENTRY_BYTES;
    if (end > fileBytes && end - fileBytes < geometry.clusterBytes()) {
      tally.corruption(
          "ERROR active L1 table ends at 0x%x, behind the end of the file at 0x%x"
              .formatted(end, fileBytes));
    }
  }

  /**
   * Without its L1 table all of the guest's data would count as leaked, and be freed.
   *
   * @throws BlockIoException if something is to be mended and the table is where none can be
   */
  private void requireMendable() throws BlockIoException {
    TableLocation l1 = header.l1Table();
    long end = l1.offset() + (long) l1.count() * ClusterGeometry.TABLE_ENTRY_BYTES;
    boolean lost =
        l1.offset() < geometry.clusterBytes() || end - fileBytes >= geometry.clusterBytes();
    if (repair != Repair.NONE && l1.count() > 0 && lost) {
      tally.note("ERROR active L1 table is not within the file; nothing is repaired");
      throw new BlockIoException(imageName, "check", Errno.EIO);
    }
  }

  private void checkRefcounts() throws IOException {
    ReferenceCounts lastWindow = null;
    RefcountComparison found =
        new RefcountComparison(file, geometry, stored, Repair.NONE, tally::note);
    long first = 0;
    do {
      CheckTally walkTally = first == 0 ? tally : CheckTally.silent();
      lastWindow = count(first, walkTally);
      found.compare(lastWindow, endOfCounts(lastWindow));
      first = lastWindow.endCluster();
    } while (first < countedEnd());
    highestCluster = found.highestCluster();
    boolean rebuild = beyondMending || found.needsRebuild();
    if (repair == Repair.ALL && rebuild) {
      found.addTo(tally);
      rebuild(lastWindow.missing());
    } else if (repair != Repair.NONE && rebuild) {
      tally.note("ERROR need to rebuild refcount structures");
      throw new BlockIoException(imageName, "check", Errno.EIO);
    } else if (repair != Repair.NONE && found.differences()) {
      mendRefcounts(lastWindow);
    } else {
      found.addTo(tally);
    }
  }

  /** Counts the references to the clusters of one window. */
  private ReferenceCounts count(long firstCluster, CheckTally walkTally) throws IOException {
    int clusters = (int) Math.min(countedEnd() - firstCluster, windowClusters);
    ReferenceCounts counts =
        new ReferenceCounts(tally, geometry, fileBytes, firstCluster, clusters);
    Optional<FixedMetadata> mending =
        walkTally == tally && repair == Repair.ALL
            ? Optional.of(fixedMetadata())
            : Optional.empty();
    ReferenceWalk walk =
        new ReferenceWalk(imageName, file, header, snapshots, walkTally, counts, mending);
    walk.countContents();
    beyondMending |= walk.countRefcounts(stored, tally, endCluster);
    return counts;
  }

  /** One more: the last cluster may be referred to although nothing of it is in the file. */
  private long countedEnd() {
    return endCluster + 1;
  }

  private FixedMetadata fixedMetadata() {
    return new FixedMetadata(header, snapshots, stored);
  }

  private long endOfCounts(ReferenceCounts counts) {
    return Math.max(endCluster, counts.highestCluster() + 1);
  }

  private void mendRefcounts(ReferenceCounts lastWindow) throws IOException {
    RefcountComparison mending =
        new RefcountComparison(file, geometry, stored, repair, tally::note);
    ReferenceCounts counts = lastWindow;
    if (lastWindow.firstCluster() != 0) {
      counts = count(0, CheckTally.silent());
    }
    mending.compare(counts, endOfCounts(counts));
    while (counts.endCluster() < countedEnd()) {
      counts = count(counts.endCluster(), CheckTally.silent());
      mending.compare(counts, endOfCounts(counts));
    }
    mending.addTo(tally);
    mending.release(); // I2
  }

  private void rebuild(MissingRegions missing) throws IOException {
    tally.note("Rebuilding refcount structure");
    ReplacedRefcounts replaced =
        new ReplacedRefcounts(header.refcountTable(), stored, geometry, endCluster);
    reserve(missing); // I5
    RefcountRebuild rebuild =
        new RefcountRebuild(
            imageName, file, header, snapshots, CheckTally.silent(), windowClusters);
    header = header.withRefcountTable(rebuild.write());
    file.node().flush(); // I3
    file.write(0, HeaderCodec.encodeFields(header));
    file.node().flush();

    CheckTally again = CheckTally.silent();
    CheckReport left =
        new Qcow2Checker(imageName, file.node(), header, Repair.NONE, again, windowClusters)
            .recount(snapshots);
    highestCluster = geometry.clusterIndex(left.imageEndOffset()) - 1;
    stored = new StoredRefcounts(file, geometry, header.refcountTable());
    tally.corruptionsFixed += Math.max(0, tally.corruptions - left.corruptions());
    tally.leaksFixed += Math.max(0, tally.leaks - left.leaks());
    tally.corruptions = left.corruptions();
    tally.leaks = left.leaks();
    tally.checkErrors = left.checkErrors();
    replaced.report(stored, tally::note);
  }

  private void reserve(MissingRegions missing) throws IOException {
    long newBytes = geometry.alignUp(Math.max(fileBytes, missing.end()));
    long mostStructureBytes = newBytes / 32 + (1 << 20);
    if (!missing.clear(newBytes, mostStructureBytes)) {
      throw new BlockIoException(imageName, "rebuild refcount structure", Errno.EFBIG);
    }
    if (missing.end() > fileBytes) {
      file.node().resize(newBytes, Preallocation.OFF);
    }
  }

  private CheckReport recount(Optional<SnapshotTable> counted) throws IOException {
    snapshots = counted;
    checkL1Complete();
    checkRefcounts();
    return tally.report(geometry.clusterOffset(highestCluster + 1), 0);
  }

  /**
   * Puts the mended snapshot table behind everything else, and with it refcounts that count it and
   * no longer the old one.
   */
  private void mendSnapshotTable() throws IOException {
    if (tally.checkErrors > 0) {
      tally.corruptions += snapshotCheck.corruptions();
      return;
    }
    ByteBuffer table = snapshotCheck.mendedTable();
    long offset = geometry.alignUp(file.node().size());
    file.write(offset, table.duplicate());
    Qcow2Header moved =
        header.withSnapshotTable(new TableLocation(offset, snapshotCheck.mendedCount()));
    List<InternalSnapshot> entries = snapshots.map(SnapshotTable::snapshots).orElse(List.of());
    RefcountRebuild rebuild =
        new RefcountRebuild(
            imageName,
            file,
            moved,
            Optional.of(new SnapshotTable(entries, table.capacity())),
            CheckTally.silent(),
            windowClusters);
    moved = moved.withRefcountTable(rebuild.write());
    file.node().flush(); // I3
    file.write(0, HeaderCodec.encodeFields(moved));
    file.node().flush();
    header = moved;
    tally.corruptionsFixed += snapshotCheck.corruptions();
  }

  private void clearMarks() throws IOException {
    FeatureBits features =
        header
            .features()
            .withIncompatible(FeatureBits.DIRTY, false)
            .withIncompatible(FeatureBits.CORRUPT, false)
            .withAutoclear(header.features().autoclear() & FeatureBits.KNOWN_AUTOCLEAR);
    file.node().flush(); // I4
    if (!features.equals(header.features())) {
      header = header.withFeatures(features);
      file.write(0, HeaderCodec.encodeFields(header));
      file.node().flush();
    }
  }
}
