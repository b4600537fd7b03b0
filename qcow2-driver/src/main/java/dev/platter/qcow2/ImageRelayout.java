package dev.platter.qcow2;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.AmendableFormat.Progress;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.CompactableFormat.Relayout;
import dev.platter.api.driver.DataCipher;
import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

/**
 * Lays an image out anew that nobody uses meanwhile, in steps that each leave it sound ({@link
 * ClusterMover}). What a step that was cut short has left is mended first: leaks.
 *
 * <p>Threads: one.
 */
final class ImageRelayout implements CurrentImage.UncertainChange {
  private static final int MAXIMUM_CLUSTERS = 1 << 16;
  private static final long MAXIMUM_BYTES = 1L << 32;

  /** How much of the work the order of the disk is, where the file is compacted afterwards. */
  private static final double ORDERING_SHARE = 0.9;

  private final ImageOpening opening;
  private final String imageName;
  private final ImageFile file;
  private final ClusterMover mover;
  private final EmptyRefcountBlocks emptyBlocks;
  private final int maximumClusters;
  private Qcow2Header header;

  /**
   * @param cipher what guest bytes are encrypted with
   */
  ImageRelayout(ImageOpening opening, Optional<? extends DataCipher> cipher) throws IOException {
    this(opening, cipher, MAXIMUM_CLUSTERS);
  }

  /**
   * @param maximumClusters how many clusters move in one step
   */
  ImageRelayout(ImageOpening opening, Optional<? extends DataCipher> cipher, int maximumClusters)
      throws IOException {
    this.maximumClusters = maximumClusters;
    this.opening = opening;
    this.imageName = opening.imageName();
    this.file = new ImageFile(opening.file());
    this.header = HeaderCodec.decode(imageName, file);
    boolean byPlace = header.cryptMethod() == Qcow2Header.CRYPT_LUKS;
    this.mover =
        new ClusterMover(
            imageName, file, byPlace ? cipher.map(DataCipher.class::cast) : Optional.empty());
    this.emptyBlocks = new EmptyRefcountBlocks(file);
  }

  /** Whether something could not be made durable, so that the image must be opened again (R9). */
  @Override
  public boolean uncertain() {
    return mover.uncertain() || emptyBlocks.uncertain();
  }

  /** See {@link dev.platter.api.driver.CompactableFormat#compact}. */
  Relayout compact(Progress progress) throws IOException {
    long before = file.node().size();
    requireSound();
    compactSound(progress);
    return new Relayout(before, file.node().size(), mover.movedBytes());
  }

  /** See {@link dev.platter.api.driver.CompactableFormat#defragment}. */
  Relayout defragment(long spareBytes, Progress progress) throws IOException {
    long before = file.node().size();
    requireSound();
    if (!header.features().dataFile()) {
      bringIntoOrder(spareBytes, share -> progress.at(share * ORDERING_SHARE));
    }
    compactSound(share -> progress.at(ORDERING_SHARE + share * (1 - ORDERING_SHARE)));
    return new Relayout(before, file.node().size(), mover.movedBytes());
  }

  private void bringIntoOrder(long spareBytes, Progress progress) throws IOException {
    ClusterGeometry geometry = header.geometry();
    long useful = Math.min(stepClusters(), geometry.clusterCount(file.node().size()));
    int count = (int) Math.clamp(geometry.clusterCount(spareBytes), 1, useful);
    makeRoom(count);
    ImageTables tables = ImageTables.of(imageName, file, header);
    LayoutSurvey survey = LayoutSurvey.of(imageName, file, header, tables, Long.MAX_VALUE);
    BitSet obstacles = survey.metadata();
    obstacles.or(survey.compressed());
    addUncounted(obstacles);
    GuestOrder order = new GuestOrder(file, header);
    GuestOrderMoves moves = new GuestOrderMoves(imageName, file, geometry, order, obstacles, count);
    while (moves.next()) {
      header = mover.move(header, tables, moves.clearing(header));
      Relocation placing = moves.placing();
      if (!placing.isEmpty()) {
        header = mover.move(header, tables, placing);
      }
      progress.at(order.share());
    }
  }

  /** Where a refcount block is missing nothing can lie. */
  private void addUncounted(BitSet obstacles) throws IOException {
    StoredRefcounts stored = stored();
    int blockBits = header.geometry().refcountBlockBits();
    long end = stored.storedBefore((long) stored.tableEntryCount() << blockBits);
    for (long first = 0; first < end; first += 1L << blockBits) {
      if (!stored.stored(first)) {
        obstacles.set((int) first, (int) Math.min(end, first + (1L << blockBits)));
      }
    }
  }

  /** Has refcounts for so many free clusters: where they are missing, behind the file. */
  private void makeRoom(int clusterCount) throws IOException {
    StoredRefcounts stored = stored();
    int blockBits = header.geometry().refcountBlockBits();
    long end = stored.storedBefore((long) stored.tableEntryCount() << blockBits);
    long free = 0;
    for (long at = 1; at < end && free < clusterCount; at++) {
      free += stored.stored(at) && stored.get(at) == 0 ? 1 : 0;
    }
    if (free == clusterCount) {
      return;
    }
    Qcow2Settings settings = Qcow2Settings.of(opening.options(), header).withoutLazyRefcounts();
    try (OpenImage image = new OpenImage(opening, header, settings)) {
      ImageWriter writer = image.writer().orElseThrow();
      List<ClusterAllocator.Run> runs = new ArrayList<>();
      for (long left = clusterCount; left > 0; left -= runs.getLast().clusterCount()) {
        runs.add(writer.reserve("room to move clusters", (int) left));
      }
      runs.forEach(writer::giveBack);
    }
    header = HeaderCodec.decode(imageName, file);
  }

  private void compactSound(Progress progress) throws IOException {
    StoredRefcounts stored = stored();
    long oldEnd = end(stored);
    long inUse = 0;
    for (long cluster = 0; cluster < oldEnd; cluster++) {
      inUse += stored.get(cluster) == 0 ? 0 : 1;
    }
    Optional<Relocation> plan;
    do {
      emptyBlocks.drop(header);
      long end = end(stored());
      truncate(end);
      progress.at(end <= inUse ? 1 : (double) (oldEnd - end) / (oldEnd - inUse));
      ImageTables tables = ImageTables.of(imageName, file, header);
      plan = CompactionPlan.next(imageName, file, header, tables, end, stepClusters());
      if (plan.isPresent()) {
        header = mover.move(header, tables, plan.get());
      }
    } while (plan.isPresent());
    punchFree();
    file.node().flush();
    progress.at(1);
  }

  /** How many clusters move at most before the tables are made to name their new places. */
  private long stepClusters() {
    return Math.clamp(MAXIMUM_BYTES >> header.geometry().clusterBits(), 1, maximumClusters);
  }

  /** Mends leaks, and refuses before that what cannot be laid out anew. */
  private void requireSound() throws IOException {
    CheckReport found = Qcow2Checker.check(imageName, opening.file(), Repair.NONE, _ -> {});
    if (sound(found)) {
      ImageTables tables = ImageTables.of(imageName, file, header);
      LayoutSurvey.of(imageName, file, header, tables, Long.MAX_VALUE);
    }
    if (sound(found) && found.leaks() > 0) {
      found = Qcow2Checker.check(imageName, opening.file(), Repair.ALL, _ -> {});
      header = HeaderCodec.decode(imageName, file);
    }
    if (!sound(found)) {
      throw new CorruptImageException(
          imageName, "the image has errors; repair it before it is laid out anew");
    }
    forgetBehindFile();
  }

  /** Nothing refers to clusters behind the end of the file; counts of them are leaks. */
  private void forgetBehindFile() throws IOException {
    StoredRefcounts stored = stored();
    long end = end(stored);
    for (long at = header.geometry().clusterCount(file.node().size()); at < end; at++) {
      if (stored.get(at) != 0) {
        stored.set(at, 0);
      }
    }
    stored.write();
  }

  private static boolean sound(CheckReport report) {
    return report.corruptions() == 0 && report.checkErrors() == 0;
  }

  private StoredRefcounts stored() throws IOException {
    return new StoredRefcounts(file, header.geometry(), header.refcountTable());
  }

  /** The cluster behind the last one in use. */
  private long end(StoredRefcounts stored) throws IOException {
    int blockBits = header.geometry().refcountBlockBits();
    long end = stored.storedBefore((long) stored.tableEntryCount() << blockBits);
    while (end > 1 && stored.get(end - 1) == 0) {
      end--;
    }
    return end;
  }

  private void truncate(long endCluster) throws IOException {
    long end = header.geometry().clusterOffset(endCluster);
    if (end < file.node().size()) {
      file.node().flush(); // no refcounts of what is cut off: a check would not see them
      file.node().resize(end, Preallocation.OFF);
    }
  }

  /** Gives the host back the clusters that stay free. */
  private void punchFree() throws IOException {
    StoredRefcounts stored = stored();
    long end = header.geometry().clusterCount(file.node().size());
    long first = 0;
    for (long at = 0; at <= end; at++) {
      if (at == end || stored.get(at) != 0) {
        punch(first, at);
        first = at + 1;
      }
    }
  }

  private void punch(long firstCluster, long endCluster) {
    long offset = header.geometry().clusterOffset(firstCluster);
    long end = header.geometry().clusterOffset(endCluster);
    try {
      long length = Math.min(end, file.node().size()) - offset;
      if (length > 0 && file.zeros(offset, length) < length) {
        file.node().discard(offset, length);
      }
    } catch (IOException e) {
      // The host keeps the space; the clusters are free all the same.
      return;
    }
  }
}
