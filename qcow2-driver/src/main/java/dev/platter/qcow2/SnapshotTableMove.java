package dev.platter.qcow2;

import dev.platter.api.driver.CheckableFormat.Repair;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Gives an image another snapshot table, behind everything that its file holds, and with it
 * refcounts that count what the new table leads to and no longer what the old one did.
 *
 * <p>Both are durable before one write of the header names them (R6, R7). Nobody uses the image
 * meanwhile, and it is sound ({@link ImageSoundness}). Threads: one.
 */
final class SnapshotTableMove {
  private SnapshotTableMove() {}

  /**
   * Moves the table.
   *
   * @param table all entries, as they are to stand in the image
   * @return the header as the image has it now
   */
  static Qcow2Header write(String imageName, ImageFile file, Qcow2Header header, ByteBuffer table)
      throws IOException {
    long offset = header.geometry().alignUp(file.node().size());
    file.write(offset, table.duplicate());
    Qcow2Header moved =
        header.withSnapshotTable(new TableLocation(offset, header.snapshotTable().count()));
    CheckTally tally = CheckTally.silent();
    RefcountRebuild rebuild =
        new RefcountRebuild(
            imageName,
            file,
            moved,
            Optional.of(SnapshotTable.read(imageName, file, moved)),
            tally,
            ReferenceCounts.WINDOW_CLUSTERS);
    moved = moved.withRefcountTable(rebuild.write());
    if (!tally.clean()) {
      throw ImageSoundness.hasErrors(imageName);
    }
    file.node().flush();
    file.write(0, HeaderCodec.encodeFields(moved));
    file.node().flush();
    mendFlags(imageName, file, moved);
    return moved;
  }

  /** What only the old table's snapshots shared with the active table is the latter's alone now. */
  private static void mendFlags(String imageName, ImageFile file, Qcow2Header header)
      throws IOException {
    StoredRefcounts stored = new StoredRefcounts(file, header.geometry(), header.refcountTable());
    Optional<SnapshotTable> snapshots = ImageSoundness.snapshots(imageName, file, header);
    FixedMetadata fixed = new FixedMetadata(header, snapshots, stored);
    new CopiedFlagCheck(imageName, file, header, stored, fixed, CheckTally.silent(), Repair.ALL)
        .run();
    file.node().flush();
  }
}
