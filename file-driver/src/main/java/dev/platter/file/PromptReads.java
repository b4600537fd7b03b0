package dev.platter.file;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/**
 * Reads of what the host has of an open file in memory, by {@code RWF_NOWAIT}; and whether the host
 * can tell at all, which is learned from the first that fails.
 *
 * <p>What is read into one segment makes no object, and the array for several is the thread's.
 *
 * <p>Threads: any.
 */
final class PromptReads {
  /**
   * EPERM, EINVAL, ENOSYS, EOPNOTSUPP: this host or its file system cannot tell what would wait.
   */
  private static final Set<Long> UNPROMPT_ERRNOS = Set.of(1L, 22L, 38L, 95L);

  private final int fd;
  private volatile Promptness promptness;

  /** Whether the host tells what would wait. */
  private enum Promptness {
    UNKNOWN,
    KNOWN,
    NONE
  }

  /**
   * @param fd a descriptor that is open during each read
   * @param cached whether the file is read through the host's memory
   */
  PromptReads(int fd, boolean cached) {
    this.fd = fd;
    this.promptness = cached ? Promptness.UNKNOWN : Promptness.NONE;
  }

  /** Whether reads may succeed. It may become false, never true again. */
  boolean useful() {
    return promptness != Promptness.NONE;
  }

  /** Fills a segment; false if not all of it is at hand, or it is none of native memory. */
  boolean read(long offset, MemorySegment dst) {
    if (!useful() || !dst.isNative()) {
      return false;
    }
    MemorySegment vector = IoVectorArray.ofOne(dst);
    if (LibC.preadvNow(fd, vector, 1, offset, dst) == dst.byteSize()) {
      return true;
    }
    if (promptness == Promptness.UNKNOWN) {
      learn(LibC.whyNotNow(fd, vector, 1, offset, dst));
    }
    return false;
  }

  /**
   * Fills segments, by one call; false if not all of it is at hand, or they are more than the host
   * takes at once, or not all of native memory.
   *
   * @param length the sum of their sizes
   */
  boolean read(long offset, List<MemorySegment> dst, long length) {
    if (!useful() || dst.size() > LibC.IOV_MAX || !allNative(dst)) {
      return false;
    }
    IoVectorArray vectors = new IoVectorArray(dst);
    if (vectors.readNow(fd, offset) == length) {
      return true;
    }
    if (promptness == Promptness.UNKNOWN) {
      learn(vectors.whyNotNow(fd, offset));
    }
    return false;
  }

  private void learn(long result) {
    promptness = UNPROMPT_ERRNOS.contains(-result) ? Promptness.NONE : Promptness.KNOWN;
  }

  private static boolean allNative(List<MemorySegment> segments) {
    for (MemorySegment segment : segments) { // a stream would be made anew for each read
      if (!segment.isNative()) {
        return false;
      }
    }
    return true;
  }
}
