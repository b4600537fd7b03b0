package dev.platter.file;

import dev.platter.api.error.UnsupportedFeatureException;
import java.lang.foreign.MemorySegment;

/**
 * One of the ways in which bytes get from an open file to native memory and back: the option {@code
 * aio}.
 *
 * <p>All methods return how many bytes were moved, or the negative of the {@code errno}. Threads:
 * any.
 */
interface HostTransfers {
  /** Reads into memory; 0 at the end of the file. */
  long read(int fd, MemorySegment dst, long offset);

  /** Writes from memory. */
  long write(int fd, MemorySegment src, long offset);

  /** {@link #read} into memory that nobody frees before this thread lets go of it. */
  long readOwn(int fd, MemorySegment dst, long offset);

  /** {@link #write}, as {@link #readOwn} is to {@link #read}. */
  long writeOwn(int fd, MemorySegment src, long offset);

  /** Reads into the memory that {@code count} elements of {@code vectors} name. */
  long readVector(int fd, MemorySegment vectors, int count, long offset);

  /** Writes from the memory that {@code count} elements of {@code vectors} name. */
  long writeVector(int fd, MemorySegment vectors, int count, long offset);

  /**
   * The way that an option names.
   *
   * @throws UnsupportedFeatureException if the host does not offer it
   */
  static HostTransfers of(FileOptions.Aio aio) throws UnsupportedFeatureException {
    return switch (aio) {
      case THREADS -> PositionalTransfers.INSTANCE;
      case IO_URING -> QueuedTransfers.ioUring();
      case NATIVE -> QueuedTransfers.nativeAio();
    };
  }
}
