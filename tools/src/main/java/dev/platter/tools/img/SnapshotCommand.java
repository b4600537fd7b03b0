package dev.platter.tools.img;

import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.api.driver.SnapshottableFormat.SnapshotRequest;
import dev.platter.api.error.Errno;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.graph.InternalSnapshots;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** {@code snapshot}: lists, creates, applies and deletes snapshots inside an image. */
final class SnapshotCommand implements ImgCommand {
  private static final List<String> ACTIONS = List.of("l", "a", "c", "d");

  /** QEMU keeps names in a field of 256 bytes, with a zero behind them. */
  private static final int MAXIMUM_NAME_CHARS = 255;

  private static Getopt options() {
    return Getopt.of("la:c:d:hqU")
        .withLong(GateOption.NAME, true)
        .withLong("object", true)
        .withLong("image-opts", false)
        .withLong("force-share", 'U');
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    if (ACTIONS.stream().mapToInt(action -> given.all(action).size()).sum() > 1) {
      throw new UsageException("Cannot mix '-l', '-a', '-c', '-d'");
    }
    if (given.operands().size() != 1) {
      throw new UsageException("Expecting one image file name");
    }
    ImageArgument image = ImgSession.image(given, given.operands().getFirst());
    OpenMode mode = given.has("l") ? OpenMode.READ : OpenMode.WRITE;
    try (ImgSession session = new ImgSession(terminal, given)) {
      OpenImage open = session.open(image, mode.sharing(given.has("U")));
      perform(given, open, terminal);
    }
    return 0;
  }

  private static void perform(Getopt.Parsed given, OpenImage image, Terminal terminal)
      throws CommandFailure, IOException {
    if (given.has("l")) {
      terminal.out().print(SnapshotText.table(SnapshotNames.of(image)));
    } else if (given.has("c")) {
      create(image, given.last("c").orElseThrow());
    } else if (given.has("a")) {
      apply(image, given.last("a").orElseThrow());
    } else if (given.has("d")) {
      delete(image, given.last("d").orElseThrow());
    }
  }

  private static void create(OpenImage image, String name) throws CommandFailure {
    String kept = name.substring(0, Math.min(name.length(), MAXIMUM_NAME_CHARS));
    Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
    try {
      InternalSnapshots.of(image.node())
          .create(new SnapshotRequest(kept, now, 0, 0, OptionalLong.of(0)));
    } catch (IOException e) {
      Errno errno = ErrorText.errno(e);
      throw new CommandFailure(
              "Could not create snapshot '%s': -%d (%s)"
                  .formatted(name, errno.code(), errno.text()))
          .causedBy(e);
    }
  }

  private static void apply(OpenImage image, String name) throws CommandFailure {
    String context = "Could not apply snapshot '%s': ".formatted(name);
    try {
      InternalSnapshots snapshots =
          snapshots(image, context + "Block driver does not support snapshots");
      Optional<SnapshotInfo> found = SnapshotNames.byIdOrName(snapshots.list(), name);
      // Of one that is not there, the image first says whether any could be applied.
      snapshots.apply(found.map(SnapshotInfo::id).orElse(name));
    } catch (OptionException e) {
      throw new CommandFailure(context + "Failed to load snapshot: " + Errno.ENOENT.text())
          .causedBy(e);
    } catch (ImageFormatException e) {
      throw new CommandFailure(
              e.reason(), context + "Failed to load snapshot: " + errnoOf(e).text())
          .causedBy(e);
    } catch (IOException e) {
      Errno errno = ErrorText.errno(e);
      throw new CommandFailure(
              context
                  + (errno == Errno.EBUSY
                      ? "Device has active dirty bitmaps"
                      : "Failed to load snapshot: " + errno.text()))
          .causedBy(e);
    }
  }

  private static void delete(OpenImage image, String name) throws CommandFailure {
    String context = "Could not delete snapshot '%s': ".formatted(name);
    String missing = context + "snapshot not found";
    try {
      InternalSnapshots snapshots = snapshots(image, missing);
      SnapshotInfo found =
          SnapshotNames.byName(snapshots.list(), name)
              .orElseThrow(() -> new CommandFailure(missing));
      snapshots.delete(found.id());
    } catch (IOException e) {
      throw ErrorText.failure(context, e);
    }
  }

  private static InternalSnapshots snapshots(OpenImage image, String refusal)
      throws CommandFailure {
    try {
      return InternalSnapshots.of(image.node());
    } catch (UnsupportedFeatureException e) {
      throw new CommandFailure(refusal).causedBy(e);
    }
  }

  /** QEMU tells a table that is too large by another code. */
  private static Errno errnoOf(ImageFormatException failure) {
    return failure.reason().endsWith("too large") ? Errno.EFBIG : Errno.EINVAL;
  }
}
