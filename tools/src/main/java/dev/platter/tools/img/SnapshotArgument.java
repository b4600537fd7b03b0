package dev.platter.tools.img;

import dev.platter.api.Permissions;
import dev.platter.api.driver.SnapshottableFormat;
import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.graph.FormatNode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The snapshot that {@code -l} names.
 *
 * @param text all that was given
 * @param id its id, if that was given as such
 * @param name its name, if that was given as such
 */
record SnapshotArgument(String text, Optional<String> id, Optional<String> name) {
  private static final String BASE = "snapshot.";
  private static final String ID = "snapshot.id";
  private static final String NAME = "snapshot.name";

  /** Reads {@code snapshot.id=1,snapshot.name=a}, or what is either an id or a name. */
  static SnapshotArgument parse(String text) throws CommandFailure {
    if (!text.startsWith(BASE)) {
      return new SnapshotArgument(text, Optional.empty(), Optional.empty());
    }
    Optional<String> id = Optional.empty();
    Optional<String> name = Optional.empty();
    for (String pair : text.split("(?<!,),(?!,)", -1)) {
      int equals = pair.indexOf('=');
      String key = equals < 0 ? pair : pair.substring(0, equals);
      Optional<String> value = Optional.of(pair.substring(equals + 1).replace(",,", ","));
      switch (key) {
        case ID -> id = value;
        case NAME -> name = value;
        default ->
            throw new CommandFailure(
                "Invalid parameter '%s'".formatted(key),
                "Failed in parsing snapshot param '%s'".formatted(text));
      }
    }
    return new SnapshotArgument(text, id, name);
  }

  /** Opens an image to be read as it was when the snapshot was taken. */
  OpenImage open(ImgSession session, ImageArgument image, OpenMode mode)
      throws CommandFailure, IOException {
    OpenImage whole = session.openAlone(image, mode);
    String snapshotId = find(whole).id();
    session.images().close(whole);
    return session.images().open(image, mode.with(ID, snapshotId), Permissions.LONE_TOOL);
  }

  private SnapshotInfo find(OpenImage image) throws CommandFailure, IOException {
    boolean supported =
        image
            .format()
            .map(FormatNode::driver)
            .filter(SnapshottableFormat.class::isInstance)
            .isPresent();
    if (!supported) {
      throw new CommandFailure(
          "Failed to load snapshot: Block format '%s' used by device '' does not support temporarily"
                  .formatted(image.driverName())
              + " loading internal snapshots");
    }
    List<SnapshotInfo> snapshots = SnapshotNames.of(image);
    Optional<SnapshotInfo> found =
        id.isEmpty() && name.isEmpty()
            ? SnapshotNames.byIdOrName(snapshots, text)
            : snapshots.stream()
                .filter(each -> id.map(each.id()::equals).orElse(true))
                .filter(each -> name.map(each.name()::equals).orElse(true))
                .findFirst();
    return found.orElseThrow(
        () -> new CommandFailure("Failed to load snapshot: Can't find snapshot"));
  }
}
