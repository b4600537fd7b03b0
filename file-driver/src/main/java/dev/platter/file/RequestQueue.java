package dev.platter.file;

import java.lang.foreign.MemorySegment;

/**
 * A queue of requests to the kernel that one thread has for itself: it submits a request and waits
 * for it in one go. Freed when nothing refers to it any more.
 */
interface RequestQueue {
  /**
   * Performs a request to its end.
   *
   * @param write whether it writes
   * @param vectors an array of {@code struct iovec}
   * @param kept memory that is not freed while the kernel is called
   * @return how many bytes were moved, or the negative of the {@code errno}; the kernel is done
   *     with the memory in either case
   */
  long perform(
      boolean write, int fd, MemorySegment vectors, int count, long offset, MemorySegment kept);

  /** Whether it takes more requests; one that does not fails them all. */
  default boolean usable() {
    return true;
  }
}
