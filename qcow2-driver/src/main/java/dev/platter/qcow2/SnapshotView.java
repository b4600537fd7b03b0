package dev.platter.qcow2;

import dev.platter.api.driver.FormatOpening;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValues;
import java.io.IOException;
import java.util.Optional;

/** An image as it was when a snapshot was taken: what {@code snapshot.id} and its like ask for. */
final class SnapshotView {
  private SnapshotView() {}

  /**
   * The header of the disk that is to be seen: with the snapshot's tables and size, if the options
   * name one.
   *
   * @throws OptionException if there is no such snapshot, or the image is opened for writing
   */
  static Qcow2Header of(FormatOpening opening, Qcow2Header header) throws IOException {
    OptionValues options = opening.options();
    Optional<String> id = options.given(Qcow2Options.SNAPSHOT_ID);
    Optional<String> name = options.given(Qcow2Options.SNAPSHOT_NAME);
    if (id.isEmpty() && name.isEmpty()) {
      return header;
    }
    String key = (id.isPresent() ? Qcow2Options.SNAPSHOT_ID : Qcow2Options.SNAPSHOT_NAME).name();
    if (!opening.readOnly()) {
      throw new OptionException(OptionProblem.of(key, "Device is not readonly"));
    }
    SnapshotTable table =
        SnapshotTable.read(opening.imageName(), new ImageFile(opening.file()), header);
    InternalSnapshot snapshot =
        table.snapshots().stream()
            .filter(each -> id.map(each.id()::equals).orElse(true))
            .filter(each -> name.map(each.name()::equals).orElse(true))
            .findFirst()
            .orElseThrow(() -> new OptionException(OptionProblem.of(key, "Can't find snapshot")));
    return seen(opening.imageName(), header, snapshot);
  }

  private static Qcow2Header seen(String imageName, Qcow2Header header, InternalSnapshot snapshot)
      throws IOException {
    ClusterGeometry geometry = header.geometry();
    long diskBytes = snapshot.diskBytes().orElse(header.diskBytes());
    new HeaderRules(imageName, false).checkSnapshotL1(geometry, snapshot.l1Table());
    if (diskBytes < 0 || snapshot.l1Table().count() < geometry.l1EntryCount(diskBytes)) {
      throw new ImageFormatException(imageName, "Snapshot L1 table is too small");
    }
    return header.withSize(diskBytes).withL1Table(snapshot.l1Table());
  }
}
