package dev.platter.qcow2;

import dev.platter.api.driver.BlockEvent;
import dev.platter.api.driver.FormatOpening;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.ReadOnlyNodeException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * What happens when metadata is found damaged while the image is in use: the request fails, one
 * event is raised, and an image that is open for writing is marked corrupt and refuses writes from
 * then on.
 *
 * <p>Threads: any number.
 */
final class Corruption {
  private final String imageName;
  private final String nodeName;
  private final boolean readOnly;
  private final HeaderOnDisk header;
  private final Consumer<BlockEvent> events;
  private final AtomicBoolean reported = new AtomicBoolean();
  private volatile boolean fatal;

  Corruption(FormatOpening opening, HeaderOnDisk header) {
    this.imageName = opening.imageName();
    this.nodeName = opening.nodeName();
    this.readOnly = opening.readOnly();
    this.header = header;
    this.events = opening.environment().events();
  }

  /**
   * Notes a damage after which the image must not be written.
   *
   * @param what what was found and where
   * @return what the request fails with
   */
  CorruptImageException fatal(String what) {
    CorruptImageException failure = new CorruptImageException(imageName, what);
    boolean first = reported.compareAndSet(false, true);
    if (!readOnly && !fatal) {
      fatal = true;
      try {
        header.markCorrupt();
      } catch (IOException e) {
        failure.addSuppressed(e);
      }
    }
    if (first) {
      events.accept(new BlockEvent.ImageCorrupted(nodeName, what, !readOnly));
    }
    return failure;
  }

  /**
   * Lets a write go on by returning.
   *
   * @throws ReadOnlyNodeException if damage was found before
   */
  void checkWritable() throws ReadOnlyNodeException {
    if (fatal) {
      throw new ReadOnlyNodeException(imageName, "the image was found to be corrupt");
    }
  }

  /** Whether the image must not be written any more. */
  boolean found() {
    return fatal;
  }

  /** A number as QEMU's messages have it: {@code 0x1f}, and {@code 0} for zero. */
  static String hex(long number) {
    return number == 0 ? "0" : "0x" + Long.toHexString(number);
  }
}
