package dev.platter.qcow2;

import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionProblem;
import java.io.IOException;
import java.nio.ByteBuffer;

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
 *   <li>I5. The file has the space of a cluster before an entry leads there.
 *   <li>I6. An external data file is as long as the disk before the header says so, and is cut off
 *       after it does.
 *   <li>I7. Growth has its place and its zeros before the header has the new size.
 * </ul>
 *
 * A power cut leaves the old size or the new one, and clusters that leak at worst.
 */
final class ImageResizer {
  static final int SECTOR_BYTES = 512;
  static final String UNALIGNED_SIZE = "The new size must be a multiple of " + SECTOR_BYTES;

  private final ImageOpening opening;
  private final ImageFile file;
  private final ClusterGeometry geometry;
  private final long oldSize;
  private Qcow2Header header;

  ImageResizer(ImageOpening opening) throws IOException {
    this.opening = opening;
    this.file = new ImageFile(opening.file());
    this.header = HeaderCodec.decode(opening.imageName(), file);
    this.geometry = header.geometry();
    this.oldSize = header.diskBytes();
  }

  /**
   * Changes the size.
   *
   * @param newSize the new size in bytes, a multiple of 512
   * @param preallocation what to reserve for the growth
   * @param growth what is done with the growth before it counts; it leaves the image closed
   */
  void resize(long newSize, Preallocation preallocation, Growth growth) throws IOException {
    if (newSize < 0 || newSize > Long.MAX_VALUE - SECTOR_BYTES) {
      throw problem("size", "The image size is too large for file format 'qcow2'");
    }
    if (newSize % SECTOR_BYTES != 0) {
      throw new UnsupportedFeatureException(opening.imageName() + ": " + UNALIGNED_SIZE);
    }
    if (header.version() < 3 && header.snapshotTable().count() > 0) {
      throw new UnsupportedFeatureException(
          opening.imageName() + ": Can't resize a v2 image which has snapshots");
    }
    if (newSize < oldSize && preallocation != Preallocation.OFF) {
      throw problem("preallocation", "Preallocation can't be used for shrinking an image");
    }
    if (newSize < oldSize) {
      shrink(newSize);
    } else if (newSize > oldSize) {
      releaseBehind(oldSize);
      cutDataFile(oldSize);
      growL1Table(newSize);
      grow(newSize, preallocation, growth);
    }
  }

  /** Lets go of all that the disk holds; its size stays. */
  void empty() throws IOException {
    releaseBehind(0);
    dropBehind(0);
  }

  /** Prepares the growth while the header still has the old size, which a failure leaves. */
  private void grow(long size, Preallocation preallocation, Growth growth) throws IOException {
    try {
      reserve(size, preallocation);
      growth.with(header.withSize(size));
    } catch (IOException e) {
      try {
        releaseBehind(oldSize);
        dropBehind(oldSize);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw e;
    }
    writeHeader(header().withSize(size)); // I7
  }

  private void reserve(long size, Preallocation preallocation) throws IOException {
    if (preallocation != Preallocation.OFF) {
      preallocate(size, preallocation);
    } else if (opening.guestData().raw()) {
      preallocate(size, Preallocation.METADATA); // so that both read alike
    } else {
      resizeDataFile(size); // I6
    }
  }

  /** Gives the image an L1 table that is large enough for a size. */
  private void growL1Table(long size) throws IOException {
    long needed = geometry.l1EntryCount(size);
    if (needed > HeaderRules.MAXIMUM_L1_ENTRIES) {
      throw BlockIoException.of("Failed to grow the L1 table", Errno.EFBIG);
    }
    TableLocation old = header.l1Table();
    if (needed <= old.count()) {
      return;
    }
    if (geometry.clusterCount(l1Bytes(needed)) == geometry.clusterCount(l1Bytes(old.count()))
        && old.count() > 0) {
      long tail = old.offset() + l1Bytes(old.count());
      file.write(tail, ByteBuffer.allocate((int) (l1Bytes(needed) - l1Bytes(old.count()))));
      file.node().flush(); // I2
      writeHeader(header.withL1Table(new TableLocation(old.offset(), (int) needed)));
    } else {
      moveL1Table((int) needed);
    }
  }

  /**
   * Puts a larger L1 table behind everything else, and with it refcounts that count it and no
   * longer the old one: small clusters have no room for it in between.
   */
  private void moveL1Table(int entryCount) throws IOException {
    ImageSoundness.require(opening.imageName(), file, header); // I4
    TableLocation old = header.l1Table();
    long offset = geometry.alignUp(file.node().size());
    ByteBuffer table =
        ByteBuffer.allocate((int) geometry.alignUp(l1Bytes(entryCount)))
            .put(file.read(old.offset(), (int) l1Bytes(old.count())));
    file.write(offset, table.clear());
    Qcow2Header moved = header.withL1Table(new TableLocation(offset, entryCount));
    CheckTally tally = CheckTally.silent();
    RefcountRebuild rebuild =
        new RefcountRebuild(
            opening.imageName(),
            file,
            moved,
            ImageSoundness.snapshots(opening.imageName(), file, header),
            tally,
            ReferenceCounts.WINDOW_CLUSTERS);
    TableLocation refcountTable = rebuild.write();
    if (!tally.clean()) {
      throw ImageSoundness.hasErrors(opening.imageName());
    }
    file.node().flush(); // I2
    writeHeader(moved.withRefcountTable(refcountTable));
  }

  /** What the tables map behind the end must not come back with a later growth. */
  private void releaseBehind(long size) throws IOException {
    long from = geometry.alignUp(size);
    long end = header.l1Table().count() * geometry.l1CoverageBytes();
    if (from < end) {
      change(writer -> writer.release(from, end - from, ReleaseMode.TO_BACKING));
    }
  }

  private void shrink(long size) throws IOException {
    releaseBehind(size);
    writeHeader(header.withSize(size));
    dropBehind(size);
    resizeDataFile(size); // I6
  }

  /** Lets go of tables and of the file's space that a disk of this size has no use for. */
  private void dropBehind(long size) throws IOException {
    change(writer -> writer.dropTables((int) geometry.l1EntryCount(size))); // I3
    truncate();
  }

  /** What a shrinking that was cut short has left there must not come back (I6). */
  private void cutDataFile(long size) throws IOException {
    GuestData guestData = opening.guestData();
    if (guestData.external() && guestData.node().size() > size) {
      guestData.node().resize(size, Preallocation.OFF);
    }
  }

  private void resizeDataFile(long size) throws IOException {
    GuestData guestData = opening.guestData();
    if (guestData.external()) {
      guestData.node().resize(size, Preallocation.OFF);
    }
  }

  /** Cuts off what lies behind the last cluster that is in use. */
  private void truncate() throws IOException {
    StoredRefcounts stored = new StoredRefcounts(file, geometry, header.refcountTable());
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
  private void preallocate(long size, Preallocation preallocation) throws IOException {
    Preallocation ofFile =
        preallocation == Preallocation.METADATA ? Preallocation.OFF : preallocation;
    change(
        writer -> {
          long end = geometry.alignUp(size);
          long at = geometry.alignUp(oldSize);
          while (at < end) {
            at += preallocateRun(writer, at, end - at, size, ofFile);
          }
          if (header.cryptMethod() != Qcow2Header.CRYPT_NONE) {
            keepZero(writer, geometry.alignUp(oldSize), end);
          }
        });
  }

  /** Zeros of the file would decrypt to noise: the entries say that these clusters are zeros. */
  private void keepZero(ImageWriter writer, long from, long end) throws IOException {
    if (from < end && !writer.release(from, end - from, ReleaseMode.ZERO_KEEP)) {
      throw problem(
          "preallocation",
          "Preallocation of encrypted images is only supported with compatibility level 1.1 and"
              + " above");
    }
  }

  /** Returns for how many bytes of the disk the file has space now. */
  private long preallocateRun(
      ImageWriter writer, long guestOffset, long length, long size, Preallocation ofFile)
      throws IOException {
    GuestData guestData = opening.guestData();
    try (Allocation allocation = writer.allocate(guestOffset, length)) {
      if (!allocation.knownZero() && !guestData.raw()) {
        guestData.zero(allocation.hostOffset(), allocation.length(), ZeroMode.KEEP_ALLOCATED);
      }
      long hostEnd = allocation.hostOffset() + allocation.length();
      long needed = guestData.external() ? Math.min(hostEnd, size) : hostEnd;
      if (needed > guestData.node().size()) {
        guestData.node().resize(needed, ofFile);
      }
      allocation.commit(); // I5
      return allocation.length();
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

  /** What is done with space that a disk gains, before it has gained it for good. */
  @FunctionalInterface
  interface Growth {
    /** Takes the image's header, but for a size that the file does not name yet. */
    void with(Qcow2Header grown) throws IOException;
  }

  /** What changes tables through an image that is open for it. */
  @FunctionalInterface
  private interface Change {
    void with(ImageWriter writer) throws IOException;
  }

  private void change(Change change) throws IOException {
    Qcow2Header current = header();
    Qcow2Settings settings =
        Qcow2Settings.of(opening.options(), current).withoutLazyRefcounts(); // a failure may follow
    try (OpenImage image = new OpenImage(opening, current, settings)) {
      change.with(
          image.writer().orElseThrow(() -> new IllegalStateException("the image is read-only")));
    }
    header = header(); // the refcount table may have moved
  }

  private static long l1Bytes(long entryCount) {
    return entryCount * ClusterGeometry.TABLE_ENTRY_BYTES;
  }

  private static OptionException problem(String key, String message) {
    return new OptionException(OptionProblem.of(key, message));
  }
}
