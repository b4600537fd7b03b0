package dev.platter.harness.guest;

import dev.platter.harness.blk.BlkStatus;
import java.io.IOException;

/** A request of the mock guest failed, or its device does not answer any more. */
public final class GuestIoException extends IOException {
  private static final long serialVersionUID = 1L;

  private final BlkStatus status;

  GuestIoException(String what, BlkStatus status) {
    super(what + ": " + status);
    this.status = status;
  }

  GuestIoException(String what) {
    super(what);
    this.status = BlkStatus.IOERR;
  }

  /** The status byte; {@link BlkStatus#IOERR} where there was no answer. */
  public BlkStatus status() {
    return status;
  }
}
