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
 *   <li>I3: the gate is closed before anybody is told that a flush has failed before; so whoever
 *       has been told finds it closed. A write that was let in while the flush was failing counts
 *       as older than the failure, with which it was concurrent; no later flush claims it.
 * </ul>
 */
final class WriteGate {
  private final String nodeName;
  private final boolean openedReadOnly;
  private volatile Optional<String> refusal;
  private volatile Optional<IOException> flushFailure = Optional.empty();

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
  synchronized void close(String reason) {
    if (refusal.isEmpty()) {
      refusal = Optional.of(reason);
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
    if (flushFailure.isPresent()) {
      throw new BlockIoException(
          nodeName, "flush after a failed flush", Errno.EIO, flushFailure.get());
    }
    try {
      flush.run();
    } catch (UnfinishedFlushException e) {
      throw e; // I2
    } catch (IOException e) {
      if (!openedReadOnly) {
        close("an earlier flush failed"); // I3
        flushFailure = Optional.of(e); // I2
      }
      throw e;
    }
  }
}
