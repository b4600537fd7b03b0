package dev.platter.file;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;

/**
 * Native memory that one thread uses for its calls of the host: where {@code errno} is left, the
 * array for vectored calls, and a bounce buffer for memory that the host cannot take as it is.
 *
 * <p>It belongs to the thread and not to a file, so that a chain of a thousand files costs no more
 * than one. It is freed with the thread.
 */
final class ThreadBuffers {
  /** The most that goes through a bounce buffer at once, in bytes. */
  static final int BOUNCE_BYTES = 256 * 1024;

  /** Alignment of bounce buffers in bytes: enough for direct I/O on any device. */
  static final int ALIGNMENT_BYTES = 4096;

  /** How {@code errno} is laid out; here, because {@link LibC} cannot be loaded everywhere. */
  static final StructLayout ERRNO_LAYOUT = Linker.Option.captureStateLayout();

  private static final int SMALLEST_BOUNCE_BYTES = 4096;
  private static final ThreadLocal<ThreadBuffers> CURRENT =
      ThreadLocal.withInitial(ThreadBuffers::new);

  private final MemorySegment errno = Arena.ofAuto().allocate(ERRNO_LAYOUT);
  private MemorySegment ioVectors = MemorySegment.NULL;
  private MemorySegment bounce = MemorySegment.NULL;

  private ThreadBuffers() {}

  /** The buffers of the calling thread. */
  static ThreadBuffers current() {
    return CURRENT.get();
  }

  /** Where a call leaves {@code errno}, laid out as {@link #ERRNO_LAYOUT}. */
  MemorySegment errno() {
    return errno;
  }

  /** Room for {@link LibC#IOV_MAX} elements of {@code struct iovec}. */
  MemorySegment ioVectors() {
    if (ioVectors.byteSize() == 0) {
      ioVectors = Arena.ofAuto().allocate(LibC.IOV_MAX * LibC.IOVEC_BYTES, 16);
    }
    return ioVectors;
  }

  /**
   * An aligned buffer with undefined contents, valid until this thread asks for the next one.
   *
   * @param wantedBytes how much is to be transferred
   * @return {@code wantedBytes} rounded up to a power of two, but at most {@link #BOUNCE_BYTES}
   */
  MemorySegment bounce(long wantedBytes) {
    long bytes = SMALLEST_BOUNCE_BYTES;
    while (bytes < wantedBytes && bytes < BOUNCE_BYTES) {
      bytes *= 2;
    }
    if (bounce.byteSize() < bytes) {
      bounce = Arena.ofAuto().allocate(bytes, ALIGNMENT_BYTES);
    }
    return bounce.asSlice(0, bytes);
  }
}
