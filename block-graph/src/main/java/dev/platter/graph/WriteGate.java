package dev.platter.graph;

import dev.platter.api.driver.FormatDriver;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.error.UnfinishedFlushException;
import java.io.IOException;
import java.util.Optional;

/**
 * Whether an image may still be changed, and why not.
 *
 * <ul>
 *   <li>I1: it changes from yes to no, never back. Requests look at it after they were counted in;
 *       so once requests have been held after the change, no write is in progress or will be.
 *   <li>I2: a failed flush of a writable image leaves the state on disk unknown: from then on every
 *       flush fails, and nothing is written. Only where the driver says that the flush was merely
 *       not finished, as on a host without space, the image is as it was, and may be flushed again.
 *       An error or a mistake that a flush throws says nothing of the disk: it counts as failed.
 *   <li>I3: the gate is closed before anybody is told that a flush has failed before; so whoever
 *       has been told finds it closed. A write that was let in while the flush was failing counts
 *       as older than the failure, with which it was concurrent; no later flush claims it.
 * </ul>
 */
final class WriteGate {
  private static final Optional<String> FLUSH_FAILED = Optional.of("an earlier flush failed");

  private final String nodeName;
  private final boolean openedReadOnly;
  private volatile Optional<String> refusal;

  /** Whether a flush has failed; told apart from its reason, which may find no memory. */
  private volatile boolean flushFailed;

  private volatile Optional<Throwable> flushFailure = Optional.empty();

  @FunctionalInterface
  private interface Flush {
    void run() throws IOException;
  }

  WriteGate(String nodeName, boolean openedReadOnly) {
    this.nodeName = nodeName;
    this.openedReadOnly = openedReadOnly;
    this.refusal = openedReadOnly ? Optional.of("") : Optional.empty();
  }

  boolean closed() {
    return refusal.isPresent();
  }

  /** Lets a change pass by returning. */
  void admit() throws ReadOnlyNodeException {
    Optional<String> why = refusal; // I1
    if (why.isPresent()) {
      throw why.get().isEmpty()
          ? new ReadOnlyNodeException(nodeName)
          : new ReadOnlyNodeException(nodeName, why.get());
    }
  }

  /** Refuses changes from now on. What was refused before is refused for the reason it was. */
  void close(String reason) {
    close(Optional.of(reason));
  }

  private synchronized void close(Optional<String> reason) {
    if (refusal.isEmpty()) {
      refusal = reason;
    }
  }

  /** Flushes, unless that failed before. */
  void flush(FormatDriver driver) throws IOException {
    flush(driver::flush);
  }

  /** The same for {@link FormatDriver#settle}. */
  void settle(FormatDriver driver) throws IOException {
    flush(driver::settle);
  }

  private void flush(Flush flush) throws IOException {
    if (flushFailed) {
      String what = "flush after a failed flush";
      throw flushFailure
          .map(cause -> new BlockIoException(nodeName, what, Errno.EIO, cause))
          .orElseGet(() -> new BlockIoException(nodeName, what, Errno.EIO));
    }
    try {
      flush.run();
    } catch (UnfinishedFlushException e) {
      throw e; // I2
    } catch (IOException | RuntimeException | Error e) {
      if (!openedReadOnly) {
        close(FLUSH_FAILED); // I3
        flushFailed = true; // I2
        flushFailure = Optional.of(e);
      }
      throw e;
    }
  }
}
