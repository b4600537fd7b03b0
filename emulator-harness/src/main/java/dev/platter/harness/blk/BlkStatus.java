package dev.platter.harness.blk;

import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;

/** The status byte of a request. */
public enum BlkStatus {
  OK(0),
  IOERR(1),
  UNSUPP(2);

  private final byte code;

  BlkStatus(int code) {
    this.code = (byte) code;
  }

  /** The byte that the guest reads. */
  public byte code() {
    return code;
  }

  /** The one place where a failure of the block layer becomes a status. */
  static BlkStatus of(IOException failure) {
    return failure instanceof UnsupportedFeatureException ? UNSUPP : IOERR;
  }
}
