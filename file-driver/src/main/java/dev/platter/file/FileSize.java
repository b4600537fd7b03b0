package dev.platter.file;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How long an open file is to those who use it.
 *
 * <p>Threads: any number may call {@link #get}, {@link #growTo} and {@link #takeInPartialGrowth} at
 * once; {@link #set} is for one that is alone.
 */
final class FileSize {
  private final OpenFile file;
  private final AtomicLong bytes;

  /** The size that the host says. */
  FileSize(OpenFile file) throws IOException {
    this.file = file;
    this.bytes = new AtomicLong(file.size());
  }

  long get() {
    return bytes.get();
  }

  void set(long size) {
    bytes.set(size);
  }

  /** Makes the size cover a change that ends at {@code end}. */
  void growTo(long end) {
    if (end > bytes.get()) {
      bytes.accumulateAndGet(end, Math::max);
    }
  }

  /**
   * Makes the size cover what a change may have left beyond it before it failed.
   *
   * @param end where the change would have ended
   * @param failure gets what else goes wrong
   */
  void takeInPartialGrowth(long end, Throwable failure) {
    if (end > bytes.get()) {
      try {
        growTo(file.size());
      } catch (IOException | RuntimeException | Error e) {
        failure.addSuppressed(e);
      }
    }
  }
}
