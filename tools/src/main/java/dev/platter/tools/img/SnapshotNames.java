package dev.platter.tools.img;

import dev.platter.api.driver.SnapshottableFormat;
import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.tools.image.OpenImage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The snapshots inside an image, and how users name them. */
final class SnapshotNames {
  /** Stands in a name for bytes that are not UTF-8. */
  private static final String NO_TEXT = "\uFFFD";

  private SnapshotNames() {}

  /** The snapshots of an image; none if its format has none. */
  static List<SnapshotInfo> of(OpenImage image) throws IOException {
    return image.formatBelow().isPresent()
            && image.formatBelow().get().driver() instanceof SnapshottableFormat format
        ? format.snapshots()
        : List.of();
  }

  /**
   * The first snapshot with this name; else the one with this id, if its name is not text, so that
   * nobody can give it. QEMU deletes by name alone.
   */
  static Optional<SnapshotInfo> byName(List<SnapshotInfo> snapshots, String name) {
    return snapshots.stream()
        .filter(snapshot -> snapshot.name().equals(name))
        .findFirst()
        .or(
            () ->
                snapshots.stream()
                    .filter(snapshot -> snapshot.name().contains(NO_TEXT))
                    .filter(snapshot -> snapshot.id().equals(name))
                    .findFirst());
  }

  /** The snapshot with this id, else the first with this name. */
  static Optional<SnapshotInfo> byIdOrName(List<SnapshotInfo> snapshots, String idOrName) {
    return snapshots.stream()
        .filter(snapshot -> snapshot.id().equals(idOrName))
        .findFirst()
        .or(
            () ->
                snapshots.stream()
                    .filter(snapshot -> snapshot.name().equals(idOrName))
                    .findFirst());
  }
}
