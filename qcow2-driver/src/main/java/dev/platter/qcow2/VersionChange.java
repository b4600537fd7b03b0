package dev.platter.qcow2;

import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.AmendableFormat.Progress;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.BitSet;

/**
 * Makes an image of the other version, in all but its header: what version 3 wants of snapshots,
 * and what version 2 does not know of clusters. Nobody uses the image meanwhile.
 *
 * <p>Each step leaves an image that is right in version 3, and the last one is right in both.
 * Threads: one.
 */
final class VersionChange {
  private final ImageOpening opening;
  private final ImageFile file;
  private final Progress progress;
  private Qcow2Header header;
  private long entriesDone;
  private long entryCount;

  VersionChange(ImageOpening opening, Qcow2Header header, Progress progress) {
    this.opening = opening;
    this.file = new ImageFile(opening.file());
    this.header = header;
    this.progress = progress;
  }

  /**
   * Gives snapshots the extra data that they have in version 3; returns the header as it is now.
   */
  Qcow2Header prepareUpgrade() throws IOException {
    boolean complete =
        ImageSoundness.snapshots(opening.imageName(), file, header)
            .map(table -> table.snapshots().stream().noneMatch(s -> s.incomplete(3)))
            .orElse(true);
    if (!complete) {
      ImageSoundness.require(opening.imageName(), file, header);
      SnapshotTableCheck table =
          new SnapshotTableCheck(
              opening.imageName(), file, header, CheckTally.silent(), Repair.ALL);
      table.read();
      header = SnapshotTableMove.write(opening.imageName(), file, header, table.mendedTable());
    }
    return header;
  }

  /**
   * Lets the type of compression be forgotten, which version 2 cannot say, by returning.
   *
   * @throws UnsupportedFeatureException if the disk or a snapshot has compressed clusters
   */
  void requireNothingCompressed() throws IOException {
    ImageSoundness.require(opening.imageName(), file, header);
    ClusterGeometry geometry = header.geometry();
    BitSet tables = ImageTables.of(opening.imageName(), file, header).l2Clusters();
    for (int i = tables.nextSetBit(0); i >= 0; i = tables.nextSetBit(i + 1)) {
      ByteBuffer l2 = file.read(geometry.clusterOffset(i), geometry.clusterBytes());
      for (int at = 0; at < l2.capacity(); at += geometry.l2EntryBytes()) {
        if (L2Entry.kind(l2.getLong(at)) == L2Entry.Kind.COMPRESSED) {
          throw new UnsupportedFeatureException(
              "Cannot downgrade an image with zstd compression type and existing compressed"
                  + " clusters");
        }
      }
    }
  }

  /** Expands zero clusters; returns the header as it is now. */
  Qcow2Header prepareDowngrade() throws IOException {
    entryCount = header.l1Table().count();
    if (header.snapshotTable().count() > 0) {
      SnapshotTable table = SnapshotTable.read(opening.imageName(), file, header);
      entryCount += table.snapshots().stream().mapToLong(s -> s.l1Table().count()).sum();
      ImageSoundness.require(opening.imageName(), file, header);
    }
    Qcow2Settings settings =
        Qcow2Settings.of(opening.options(), header).withoutLazyRefcounts(); // a failure may follow
    try (OpenImage image = new OpenImage(opening, header, settings)) {
      expandActive(image);
    }
    header = HeaderCodec.decode(opening.imageName(), file);
    if (header.snapshotTable().count() > 0) {
      header = new SnapshotZeroExpansion(opening.imageName(), file, header, this::entryDone).run();
    }
    return header;
  }

  private void expandActive(OpenImage image) throws IOException {
    ImageWriter writer =
        image.writer().orElseThrow(() -> new IllegalStateException("the image is read-only"));
    long coverageBytes = header.geometry().l1CoverageBytes();
    for (int i = 0; i < header.l1Table().count(); i++) {
      long end = (i + 1) * coverageBytes;
      for (long at = i * coverageBytes; at < end; ) {
        Mapping mapping = image.clusterMap().map(at, end - at);
        long run = Math.min(mapping.length(), end - at);
        at += mapping instanceof Mapping.Zero zero ? expand(writer, at, run, zero) : run;
      }
      entryDone();
    }
  }

  /** Expands the first clusters of a run of zeros; returns how many bytes of the disk they are. */
  private long expand(ImageWriter writer, long guestOffset, long length, Mapping.Zero zero)
      throws IOException {
    if (!zero.allocated() && header.backing().isEmpty()) {
      writer.release(guestOffset, length, ReleaseMode.TO_BACKING);
      return length;
    }
    if (header.cryptMethod() != Qcow2Header.CRYPT_NONE) {
      throw new UnsupportedFeatureException(
          "Cannot downgrade an encrypted image that has zero clusters");
    }
    try (Allocation allocation = writer.allocate(guestOffset, length)) {
      long hostEnd = allocation.hostOffset() + allocation.length();
      if (!allocation.knownZero()) {
        file.node()
            .writeZeroes(allocation.hostOffset(), allocation.length(), ZeroMode.KEEP_ALLOCATED);
      } else if (hostEnd > file.node().size()) {
        file.node().resize(hostEnd, Preallocation.OFF);
      }
      allocation.commit();
      return allocation.length();
    }
  }

  private void entryDone() {
    entriesDone++;
    progress.at((double) entriesDone / entryCount);
  }
}
