package dev.platter.file;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.List;

/**
 * The calls of Linux's C library that file I/O needs, as static methods.
 *
 * <p>A call that is interrupted by a signal is made again. A call that fails returns the negative
 * of its {@code errno}, as the kernel does; nothing here throws for what the host says. An
 * interrupt of the Java thread has no effect on any of them.
 *
 * <p>Constants are those of Linux on x86-64 and AArch64; where the two differ, {@link HostPlatform}
 * says which one runs.
 */
final class LibC {
  /** Stands for the current folder where {@link #statx} takes an open file. */
  static final int AT_FDCWD = -100;

  /** The most elements of one vectored call. */
  static final int IOV_MAX = 1024;

  /** The size of {@code struct iovec}: an address and a length of 8 bytes each. */
  static final int IOVEC_BYTES = 16;

  /** The size of {@code struct statx}. */
  static final int STATX_BYTES = 256;

  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_NOCTTY = 0x100;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x80000;
  static final int O_DIRECT = HostPlatform.AARCH64 ? 0x10000 : 0x4000;

  static final int SEEK_END = 2;
  static final int SEEK_DATA = 3;
  static final int SEEK_HOLE = 4;

  static final int F_OFD_GETLK = 36;
  static final int F_OFD_SETLK = 37;

  static final int FALLOC_FL_KEEP_SIZE = 1;
  static final int FALLOC_FL_PUNCH_HOLE = 2;
  static final int FALLOC_FL_ZERO_RANGE = 16;

  private static final VarHandle ERRNO =
      ThreadBuffers.ERRNO_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final int EINTR = 4;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final List<String> NAMES =
      List.of(
          "open",
          "close",
          "pread",
          "pwrite",
          "preadv",
          "pwritev",
          "fdatasync",
          "ftruncate",
          "fallocate",
          "lseek",
          "statx",
          "fcntl");

  private static final Linker LINKER = Linker.nativeLinker();
  private static final FunctionDescriptor TRANSFER =
      FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_LONG);
  private static final FunctionDescriptor TRANSFER_VECTOR =
      FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);

  private LibC() {}

  // Each function in a class of its own: linking one takes the JVM milliseconds, and most programs
  // need few of them.

  private static final class Open {
    static final MethodHandle CALL =
        handle(
            "open",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
            Linker.Option.firstVariadicArg(2));
  }

  private static final class Close {
    static final MethodHandle CALL = handle("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  }

  private static final class Pread {
    static final MethodHandle CALL = handle("pread", TRANSFER);
  }

  private static final class Pwrite {
    static final MethodHandle CALL = handle("pwrite", TRANSFER);
  }

  private static final class Preadv {
    static final MethodHandle CALL = handle("preadv", TRANSFER_VECTOR);
  }

  private static final class Pwritev {
    static final MethodHandle CALL = handle("pwritev", TRANSFER_VECTOR);
  }

  private static final class Fdatasync {
    static final MethodHandle CALL = handle("fdatasync", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  }

  private static final class Ftruncate {
    static final MethodHandle CALL =
        handle("ftruncate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  }

  private static final class Fallocate {
    static final MethodHandle CALL =
        handle(
            "fallocate", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));
  }

  private static final class Lseek {
    static final MethodHandle CALL =
        handle("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  }

  private static final class Statx {
    static final MethodHandle CALL =
        handle(
            "statx",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS));
  }

  private static final class Fcntl {
    static final MethodHandle CALL =
        handle(
            "fcntl",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS),
            Linker.Option.firstVariadicArg(2));
  }

  /** Whether the C library has all of these functions. */
  static boolean complete() {
    SymbolLookup library = LINKER.defaultLookup();
    return NAMES.stream().allMatch(name -> library.find(name).isPresent());
  }

  /**
   * Opens a file.
   *
   * @param path the name in the host's encoding, ending in NUL
   */
  static int open(MemorySegment path, int flags, int mode) {
    MemorySegment errno = ThreadBuffers.current().errno();
    int result;
    try {
      do {
        result = (int) Open.CALL.invokeExact(errno, path, flags, mode);
      } while (interrupted(result, errno));
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return (int) orErrno(result, errno);
  }

  /** Closes a descriptor. Not repeated on EINTR: Linux has freed the descriptor by then. */
  static int close(int fd) {
    MemorySegment errno = ThreadBuffers.current().errno();
    try {
      return (int) orErrno((int) Close.CALL.invokeExact(errno, fd), errno);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Reads into native memory; returns how many bytes, 0 at the end of the file. */
  static long pread(int fd, MemorySegment dst, long offset) {
    MemorySegment errno = ThreadBuffers.current().errno();
    long result;
    try {
      do {
        result = (long) Pread.CALL.invokeExact(errno, fd, dst, dst.byteSize(), offset);
      } while (interrupted(result, errno));
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return orErrno(result, errno);
  }

  /** Writes from native memory; returns how many bytes. */
  static long pwrite(int fd, MemorySegment src, long offset) {
    MemorySegment errno = ThreadBuffers.current().errno();
    long result;
    try {
      do {
        result = (long) Pwrite.CALL.invokeExact(errno, fd, src, src.byteSize(), offset);
      } while (interrupted(result, errno));
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return orErrno(result, errno);
  }

  /** Reads into the memory that {@code count} elements of {@code vectors} name. */
  static long preadv(int fd, MemorySegment vectors, int count, long offset) {
    MemorySegment errno = ThreadBuffers.current().errno();
    long result;
    try {
      do {
        result = (long) Preadv.CALL.invokeExact(errno, fd, vectors, count, offset);
      } while (interrupted(result, errno));
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return orErrno(result, errno);
  }

  /** Writes from the memory that {@code count} elements of {@code vectors} name. */
  static long pwritev(int fd, MemorySegment vectors, int count, long offset) {
    MemorySegment errno = ThreadBuffers.current().errno();
    long result;
    try {
      do {
        result = (long) Pwritev.CALL.invokeExact(errno, fd, vectors, count, offset);
      } while (interrupted(result, errno));
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return orErrno(result, errno);
  }

  /** Makes a file's data, and its size, durable. */
  static int fdatasync(int fd) {
    MemorySegment errno = ThreadBuffers.current().errno();
    int result;
    try {
      do {
        result = (int) Fdatasync.CALL.invokeExact(errno, fd);
      } while (interrupted(result, errno));
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return (int) orErrno(result, errno);
  }

  /** Sets a file's size. */
  static int ftruncate(int fd, long size) {
    MemorySegment errno = ThreadBuffers.current().errno();
    int result;
    try {
      do {
        result = (int) Ftruncate.CALL.invokeExact(errno, fd, size);
      } while (interrupted(result, errno));
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return (int) orErrno(result, errno);
  }

  /** Allocates, punches or zeroes a range, as {@code mode} says. */
  static int fallocate(int fd, int mode, long offset, long length) {
    MemorySegment errno = ThreadBuffers.current().errno();
    int result;
    try {
      do {
        result = (int) Fallocate.CALL.invokeExact(errno, fd, mode, offset, length);
      } while (interrupted(result, errno));
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return (int) orErrno(result, errno);
  }

  /** Finds the end, the next data or the next hole. */
  static long lseek(int fd, long offset, int whence) {
    MemorySegment errno = ThreadBuffers.current().errno();
    long result;
    try {
      do {
        result = (long) Lseek.CALL.invokeExact(errno, fd, offset, whence);
      } while (interrupted(result, errno));
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return orErrno(result, errno);
  }

  /**
   * Looks at a lock, or takes or drops one.
   *
   * @param lock {@code struct flock}
   */
  static int fcntl(int fd, int command, MemorySegment lock) {
    MemorySegment errno = ThreadBuffers.current().errno();
    int result;
    try {
      do {
        result = (int) Fcntl.CALL.invokeExact(errno, fd, command, lock);
      } while (interrupted(result, errno));
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return (int) orErrno(result, errno);
  }

  /**
   * Describes a file.
   *
   * @param fd an open file, or {@link #AT_FDCWD}
   * @param path a NUL for the open file, or a name in the host's encoding, ending in NUL
   * @param dst {@link #STATX_BYTES} bytes for {@code struct statx}
   */
  static int statx(int fd, MemorySegment path, int mask, MemorySegment dst) {
    MemorySegment errno = ThreadBuffers.current().errno();
    int result;
    try {
      do {
        result = (int) Statx.CALL.invokeExact(errno, fd, path, AT_EMPTY_PATH, mask, dst);
      } while (interrupted(result, errno));
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return (int) orErrno(result, errno);
  }

  private static boolean interrupted(long result, MemorySegment errno) {
    return result < 0 && (int) ERRNO.get(errno, 0L) == EINTR;
  }

  private static long orErrno(long result, MemorySegment errno) {
    return result < 0 ? -(int) ERRNO.get(errno, 0L) : result;
  }

  /** Method handles declare {@code Throwable}; these calls throw only what checks of ours throw. */
  private static RuntimeException unexpected(Throwable e) {
    switch (e) {
      case Error error -> throw error;
      case RuntimeException failure -> throw failure;
      default -> throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("restricted") // calling the C library is what this class is for
  private static MethodHandle handle(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    Linker.Option[] all = new Linker.Option[options.length + 1];
    all[0] = Linker.Option.captureCallState("errno");
    System.arraycopy(options, 0, all, 1, options.length);
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), descriptor, all);
  }
}
