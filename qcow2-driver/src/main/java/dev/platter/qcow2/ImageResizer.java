package dev.platter.qcow2;

import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionProblem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Changes the virtual size of an image that nobody uses meanwhile.
 *
 * <ul>
 *   <li>I1. (R7) The header names size and L1 table in one write within a sector.
 *   <li>I2. (R1, R2) What a larger L1 table needs is durable before the header names it: its
 *       refcounts, then its contents.
 *   <li>I3. (R4) What is no longer needed is freed after the header that no longer names it is
 *       durable.
 *   <li>I4. Behind the end of the file nothing is written that the image may refer to: tables move
 *       there once a walk has found that it does not.
 * </ul>
 *
 * A power cut leaves the old size or the new one, and clusters that leak at worst.
 */
final class ImageResizer {
  private static final int SECTOR_BYTES = 512;

  private final FormatOpening opening;
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final long oldSize;
  private Qcow2Header header;

  ImageResizer(FormatOpening opening) throws IOException {
    this.opening = opening;
    this.file = new ImageFile(opening.file());
    this.header = HeaderCodec.decode(opening.imageName(), file);
    this.geometry = header.geometry();
    this.oldSize = header.diskBytes();
  }

  /**
   * Changes the size.
   *
   * @param newSize the new size in bytes; rounded up to 512
   * @param preallocation what to reserve for the growth
   */
  void resize(long newSize, Preallocation preallocation) throws IOException {
    if (newSize < 0 || newSize > Long.MAX_VALUE - SECTOR_BYTES) {
      throw problem("size", "The image size is too large for file format 'qcow2'");
    }
    long size = (newSize + SECTOR_BYTES - 1) & -SECTOR_BYTES;
    if (header.version() < 3 && header.snapshotTable().count() > 0) {
      throw new UnsupportedFeatureException(
          opening.imageName() + ": Can't resize a v2 image which has snapshots");
    }
    if (size < oldSize && preallocation != Preallocation.OFF) {
      throw problem("preallocation", "Preallocation can't be used for shrinking an image");
    }
    if (size < oldSize) {
      shrink(size);
    } else if (size > oldSize) {
      releaseBehind(oldSize);
      grow(size);
      if (preallocation != Preallocation.OFF) {
        preallocate(preallocation);
      }
    }
  }

  private void grow(long size) throws IOException {
    long needed = geometry.l1EntryCount(size);
    if (needed > HeaderRules.MAXIMUM_L1_BYTES / ClusterGeometry.TABLE_ENTRY_BYTES) {
      throw new BlockIoException(opening.imageName(), "grow the L1 table", Errno.EFBIG);
    }
    TableLocation old = header.l1Table();
    if (needed <= old.count()) {
      writeHeader(header.withSize(size));
    } else if (geometry.clusterCount(l1Bytes(needed)) == geometry.clusterCount(l1Bytes(old.count()))
        && old.count() > 0) {
      long tail = old.offset() + l1Bytes(old.count());
      file.write(tail, ByteBuffer.allocate((int) (l1Bytes(needed) - l1Bytes(old.count()))));
      file.node().flush(); // I2
      writeHeader(header.withSize(size).withL1Table(new TableLocation(old.offset(), (int) needed)));
    } else {
      moveL1Table(size, (int) needed);
    }
  }

  /**
   * Puts a larger L1 table behind everything else, and with it refcounts that count it and no
   * longer the old one: small clusters have no room for it in between.
   */
  private void moveL1Table(long size, int entryCount) throws IOException {
    requireSound(); // I4
    TableLocation old = header.l1Table();
    long offset = geometry.alignUp(file.node().size());
    ByteBuffer table =
        ByteBuffer.allocate((int) geometry.alignUp(l1Bytes(entryCount)))
            .put(file.read(old.offset(), (int) l1Bytes(old.count())));
    file.write(offset, table.clear());
    Qcow2Header moved = header.withSize(size).withL1Table(new TableLocation(offset, entryCount));
    CheckTally tally = CheckTally.silent();
    RefcountRebuild rebuild =
        new RefcountRebuild(
            opening.imageName(), file, moved, snapshots(), tally, ReferenceCounts.WINDOW_CLUSTERS);
    TableLocation refcountTable = rebuild.write();
    if (!tally.clean()) {
      throw hasErrors();
    }
    file.node().flush(); // I2
    writeHeader(moved.withRefcountTable(refcountTable));
  }

  /** What an image refers to behind the end of its file must not be written over there. */
  private void requireSound() throws IOException {
    long endCluster = geometry.clusterCount(file.node().size());
    CheckTally tally = CheckTally.silent();
    ReferenceCounts counts =
        new ReferenceCounts(
            tally,
            geometry,
            file.node().size(),
            0,
            (int) Math.min(endCluster, ReferenceCounts.WINDOW_CLUSTERS));
    ReferenceWalk walk =
        new ReferenceWalk(
            opening.imageName(), file, header, snapshots(), tally, counts, Optional.empty());
    walk.countContents();
    StoredRefcounts stored = new StoredRefcounts(file, geometry, header.refcountTable());
    boolean beyondMending = walk.countRefcounts(stored, tally, endCluster);
    if (beyondMending || !tally.clean()) {
      throw hasErrors();
    }
  }

  private CorruptImageException hasErrors() {
    return new CorruptImageException(
        opening.imageName(), "the image has errors; repair it before it is resized");
  }

  private Optional<SnapshotTable> snapshots() throws IOException {
    return header.snapshotTable().count() == 0
        ? Optional.empty()
        : Optional.of(SnapshotTable.read(opening.imageName(), file, header));
  }

  /** What the tables map behind the end must not come back with a later growth. */
  private void releaseBehind(long size) throws IOException {
    long from = geometry.alignUp(size);
    long end = header.l1Table().count() * geometry.l1CoverageBytes();
    if (from < end) {
      OpenImage image = open();
      writer(image).release(from, end - from, ReleaseMode.TO_BACKING);
      image.close();
    }
  }

  private void shrink(long size) throws IOException {
    releaseBehind(size);
    writeHeader(header.withSize(size));
    OpenImage image = open();
    writer(image).dropTables((int) geometry.l1EntryCount(size)); // I3
    image.close();
    truncate();
  }

  /** Cuts off what lies behind the last cluster that is in use. */
  private void truncate() throws IOException {
    StoredRefcounts stored = new StoredRefcounts(file, geometry, header().refcountTable());
    long end = geometry.clusterCount(file.node().size());
    long last = end;
    while (last > 0 && stored.readable(last - 1) && stored.get(last - 1) == 0) {
      last = stored.stored(last - 1) ? last - 1 : stored.storedBefore(last);
    }
    if (last < end) {
      file.node().resize(geometry.clusterOffset(last), Preallocation.OFF);
    }
  }

  /** Gives each cluster of the growth a place that reads as zeros. */
  private void preallocate(Preallocation preallocation) throws IOException {
    OpenImage image = open();
    ImageWriter writer = writer(image);
    long end = geometry.alignUp(header.diskBytes());
    long at = geometry.alignUp(oldSize);
    long hostEnd = 0;
    while (at < end) {
      try (Allocation allocation = writer.allocate(at, end - at)) {
        if (!allocation.knownZero()) {
          file.node()
              .writeZeroes(allocation.hostOffset(), allocation.length(), ZeroMode.KEEP_ALLOCATED);
        }
        allocation.commit();
        at += allocation.length();
        hostEnd = Math.max(hostEnd, allocation.hostOffset() + allocation.length());
      }
    }
    image.close();
    if (hostEnd > file.node().size()) {
      file.node()
          .resize(
              hostEnd, preallocation == Preallocation.METADATA ? Preallocation.OFF : preallocation);
      file.node().flush();
    }
  }

  private void writeHeader(Qcow2Header changed) throws IOException {
    file.write(0, HeaderCodec.encodeFields(changed)); // I1
    file.node().flush();
    header = changed;
  }

  private Qcow2Header header() throws IOException {
    return HeaderCodec.decode(opening.imageName(), file);
  }

  private OpenImage open() throws IOException {
    Qcow2Header current = header();
    return new OpenImage(opening, current, Qcow2Settings.of(opening.options(), current));
  }

  private static ImageWriter writer(OpenImage image) {
    Optional<ImageWriter> writer = image.writer();
    return writer.orElseThrow(() -> new IllegalStateException("the image is read-only"));
  }

  private static long l1Bytes(long entryCount) {
    return entryCount * ClusterGeometry.TABLE_ENTRY_BYTES;
  }

  private static OptionException problem(String key, String message) {
    return new OptionException(OptionProblem.of(key, message));
  }
}
