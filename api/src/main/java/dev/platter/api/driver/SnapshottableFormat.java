package dev.platter.api.driver;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;

/**
 * A format driver whose images hold snapshots of themselves: earlier contents of the disk, and
 * perhaps the state that the machine had then.
 *
 * <p>Threads: one caller at a time; the graph has drained all requests, and sends none before the
 * call returns. {@link #snapshots} alone may be called at any time.
 */
public interface SnapshottableFormat {

  /** The snapshots that the image holds, in the image's order. */
  List<SnapshotInfo> snapshots() throws IOException;

  /**
   * Keeps what the disk holds now. The disk itself does not change.
   *
   * <p>A power cut, or a failure, leaves the image with the snapshot or as it was.
   *
   * @param request what to note with it; its name need not be unique
   * @return the snapshot, durable, under an id that no other has
   * @throws dev.platter.api.error.UnsupportedFeatureException if this image cannot hold snapshots
   * @throws dev.platter.api.error.BlockIoException with EFBIG if it holds as many as it can, with
   *     EINVAL if a cluster is shared by as many as can be counted
   */
  SnapshotInfo createSnapshot(SnapshotRequest request) throws IOException;

  /**
   * Makes the disk hold what a snapshot holds, and have the size that it had then; the snapshot
   * stays. What the disk held before is lost.
   *
   * <p>A power cut, or a failure, leaves the disk with the new contents or the old.
   *
   * @param id of one of {@link #snapshots}
   * @throws dev.platter.api.error.BlockIoException with ENOENT if there is no such snapshot
   */
  void applySnapshot(String id) throws IOException;

  /**
   * Forgets a snapshot, and frees what only it has used.
   *
   * <p>A power cut, or a failure, leaves the image with the snapshot or without it.
   *
   * @param id of one of {@link #snapshots}
   * @throws dev.platter.api.error.BlockIoException with ENOENT if there is no such snapshot
   */
  void deleteSnapshot(String id) throws IOException;

  /**
   * A snapshot.
   *
   * @param id unique within the image
   * @param name the user's name for it
   * @param vmStateBytes the size of the machine's state; 0 for a snapshot of the disk alone
   * @param date when it was taken
   * @param vmClockNanoseconds for how long the machine had run
   * @param instructionCount how many instructions it had executed, if that was counted
   * @param diskBytes the size of the disk
   */
  record SnapshotInfo(
      String id,
      String name,
      long vmStateBytes,
      Instant date,
      long vmClockNanoseconds,
      OptionalLong instructionCount,
      long diskBytes) {}

  /**
   * What is noted with a new snapshot.
   *
   * @param name the user's name for it, at most 65535 bytes in UTF-8
   * @param date when it is taken
   * @param vmStateBytes how much of the machine's state was written behind the disk before
   * @param vmClockNanoseconds for how long the machine has run
   * @param instructionCount how many instructions it has executed, if that is counted
   */
  record SnapshotRequest(
      String name,
      Instant date,
      long vmStateBytes,
      long vmClockNanoseconds,
      OptionalLong instructionCount) {

    /** A snapshot of the disk alone. */
    public static SnapshotRequest ofDisk(String name, Instant date) {
      return new SnapshotRequest(name, date, 0, 0, OptionalLong.empty());
    }
  }
}
