package dev.platter.harness.blk;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.CorruptImageException;
import java.io.IOException;
import java.util.Objects;

/**
 * What failures of the disk mean to the guest.
 *
 * <p>The policy is for a disk that fails: {@link BlockIoException} and {@link
 * CorruptImageException}. A request that is itself wrong is always reported.
 *
 * @param reads {@code rerror}: any action but {@link ErrorAction#ENOSPC}
 * @param writes {@code werror}: for writes, flushes, discards and zero-writes
 */
public record ErrorPolicy(ErrorAction reads, ErrorAction writes) {
  /** QEMU's: {@code rerror=report,werror=enospc}. */
  public static final ErrorPolicy DEFAULT = new ErrorPolicy(ErrorAction.REPORT, ErrorAction.ENOSPC);

  public ErrorPolicy {
    Objects.requireNonNull(reads, "reads");
    Objects.requireNonNull(writes, "writes");
    if (reads == ErrorAction.ENOSPC) {
      throw new IllegalArgumentException("'enospc' invalid read error action");
    }
  }

  /**
   * What to do about a failure.
   *
   * @return {@link ErrorAction#REPORT}, {@link ErrorAction#IGNORE} or {@link ErrorAction#STOP}
   */
  ErrorAction actionFor(VirtioBlkRequest request, IOException failure) {
    if (!(failure instanceof BlockIoException || failure instanceof CorruptImageException)) {
      return ErrorAction.REPORT;
    }
    ErrorAction action = request instanceof VirtioBlkRequest.Read ? reads : writes;
    if (action != ErrorAction.ENOSPC) {
      return action;
    }
    boolean full = failure instanceof BlockIoException io && io.errno().outOfSpace();
    return full ? ErrorAction.STOP : ErrorAction.REPORT;
  }
}
