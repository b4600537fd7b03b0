package dev.platter.api.driver;

import java.io.IOException;

/**
 * A format driver whose images can keep the state of the machine that uses them: bytes behind the
 * disk, which a snapshot made with {@link SnapshottableFormat.SnapshotRequest#vmStateBytes} takes
 * with it, and which come back when that snapshot is applied.
 */
public interface VmStateFormat {

  /**
   * The area in which the state is kept, for as long as the image is open. It need not be closed.
   */
  VmStateArea vmState();

  /**
   * The area, as an image of its own: it begins at 0, has no backing file, and what was never
   * written reads as zeros. Its size is the most that images of this format can address.
   *
   * <p>Where the area lies follows from the size of the disk: a resize loses what it held.
   *
   * <p>Threads: as {@link FormatDriver}, but for {@link #reserve}.
   */
  interface VmStateArea extends FormatDriver, EncryptedFormat {
    /**
     * Lets the first bytes of the area be allocated by returning. Must come before {@link
     * #allocate}; reading needs none of it.
     *
     * <p>Threads: one caller at a time; the graph has drained all requests to the image, and sends
     * none before the call returns. A power cut, or a failure, leaves disk and snapshots as they
     * were.
     *
     * @param endOffset behind the last byte that is to be written
     * @throws dev.platter.api.error.BlockIoException with EFBIG if that is more than images of this
     *     format can address, with ENOTSUP if this image cannot hold a machine's state
     */
    void reserve(long endOffset) throws IOException;
  }
}
