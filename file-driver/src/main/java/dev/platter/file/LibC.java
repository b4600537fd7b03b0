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
import java.lang.ref.Reference;
import java.util.Arrays;
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

  private static final int F_GETFL = 3;
  private static final int F_SETFL = 4;
  static final int F_OFD_GETLK = 36;
  static final int F_OFD_SETLK = 37;

  static final int FALLOC_FL_KEEP_SIZE = 1;
  static final int FALLOC_FL_PUNCH_HOLE = 2;
  static final int FALLOC_FL_ZERO_RANGE = 16;

  // An offset: a VarHandle of the layout would be put together anew at each start of the JVM.
  private static final long ERRNO_OFFSET =
      ThreadBuffers.ERRNO_LAYOUT.byteOffset(MemoryLayout.PathElement.groupElement("errno"));
  private static final int EINTR = 4;
  private static final long RWF_NOWAIT = 8;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int SYSTEM_CALL_ARGUMENTS = 6;
  private static final List<String> NAMES =
      List.of(
          "open",
          "close",
          "pread",
          "pwrite",
          "fdatasync",
          "ftruncate",
          "fallocate",
          "lseek",
          "statx",
          "fcntl",
          "ioctl",
          "syscall");

  private static final Linker LINKER = Linker.nativeLinker();

  private LibC() {}

  // Linking a call takes the JVM some 10 ms, which a command that only looks at an image would
  // notice. So what moves data is linked when it is first used, in a class of its own, and
  // everything
  // else goes through one call.

  /**
   * Any function of up to five numbers and addresses. Linux passes an int, a long and an address
   * alike on x86-64 and AArch64, in registers, to variadic functions too; and a function does not
   * look at registers behind its own arguments.
   */
  private static final class Control {
    static final MethodHandle CALL = linked();
    static final MemorySegment OPEN = function("open");
    static final MemorySegment CLOSE = function("close");
    static final MemorySegment FDATASYNC = function("fdatasync");
    static final MemorySegment FTRUNCATE = function("ftruncate");
    static final MemorySegment FALLOCATE = function("fallocate");
    static final MemorySegment LSEEK = function("lseek");
    static final MemorySegment STATX = function("statx");
    static final MemorySegment FCNTL = function("fcntl");
    static final MemorySegment IOCTL = function("ioctl");
    static final MemorySegment PREAD = function("pread");
    static final MemorySegment PWRITE = function("pwrite");

    @SuppressWarnings("restricted") // calling the C library is what this class is for
    private static MethodHandle linked() {
      FunctionDescriptor descriptor =
          FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
      return LINKER.downcallHandle(descriptor, Linker.Option.captureCallState("errno"));
    }
  }

  /**
   * Any system call of up to six numbers and addresses, by the C library's {@code syscall}. The
   * memory behind them is for the JDK alone, which does not let it be freed during the call.
   */
  private static final class SystemCalls {
    static final MethodHandle CALL = linked();

    @SuppressWarnings("restricted") // calling the C library is what this class is for
    private static MethodHandle linked() {
      FunctionDescriptor descriptor =
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_LONG, ADDRESS);
      return LINKER.downcallHandle(
          function("syscall"), descriptor, Linker.Option.captureCallState("errno"));
    }
  }

  private static final FunctionDescriptor TRANSFER =
      FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG);

  /**
   * A system call that reads: its number, descriptor, memory, how much or how many vectors, offset.
   * A short read is mostly what surrounds it, so two things are left out: the C library's own
   * functions, which are cancellation points and note that for a thread before and after,
   * atomically; and {@code errno}, for which the JDK makes an object and a call. A read that fails
   * is made again to learn it.
   */
  private static final class Read {
    static final MethodHandle CALL = linked();

    @SuppressWarnings("restricted") // calling the C library is what this class is for
    private static MethodHandle linked() {
      return LINKER.downcallHandle(function("syscall"), TRANSFER);
    }
  }

  /**
   * A system call that writes. It keeps {@code errno}: a host may tell of an earlier write's
   * failure once, by that of a later one, so a write that has failed is not made again.
   */
  private static final class Write {
    static final MethodHandle CALL = linked();

    @SuppressWarnings("restricted") // calling the C library is what this class is for
    private static MethodHandle linked() {
      return LINKER.downcallHandle(
          function("syscall"), TRANSFER, Linker.Option.captureCallState("errno"));
    }
  }

  /** {@code preadv2}: six arguments, and the memory behind the vectors. */
  private static final class PromptRead {
    static final MethodHandle CALL = linked();

    @SuppressWarnings("restricted") // calling the C library is what this class is for
    private static MethodHandle linked() {
      return LINKER.downcallHandle(
          function("syscall"),
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_LONG, ADDRESS));
    }
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
    try {
      return intCall(Control.OPEN, path.address(), flags, mode, 0, 0);
    } finally {
      Reference.reachabilityFence(path);
    }
  }

  /** Closes a descriptor. Not repeated on EINTR: Linux has freed the descriptor by then. */
  static int close(int fd) {
    MemorySegment errno = ThreadBuffers.current().errno();
    int result = (int) call(errno, Control.CLOSE, fd, 0, 0, 0, 0);
    return (int) orErrno(result, errno);
  }

  /** Reads into native memory; returns how many bytes, 0 at the end of the file. */
  static long pread(int fd, MemorySegment dst, long offset) {
    return readBy(SystemCall.PREAD, fd, dst, dst.byteSize(), offset);
  }

  /**
   * {@link #pread} into memory that nobody frees before this thread lets go of it, such as a buffer
   * of its own: linked with the rest, so that a short command links no transfer at all.
   */
  static long preadOwn(int fd, MemorySegment dst, long offset) {
    try {
      return longCall(Control.PREAD, fd, dst.address(), dst.byteSize(), offset, 0);
    } finally {
      Reference.reachabilityFence(dst);
    }
  }

  /** {@link #pwrite}, as {@link #preadOwn} is to {@link #pread}. */
  static long pwriteOwn(int fd, MemorySegment src, long offset) {
    try {
      return longCall(Control.PWRITE, fd, src.address(), src.byteSize(), offset, 0);
    } finally {
      Reference.reachabilityFence(src);
    }
  }

  /** Writes from native memory; returns how many bytes. */
  static long pwrite(int fd, MemorySegment src, long offset) {
    return writeBy(SystemCall.PWRITE, fd, src, src.byteSize(), offset);
  }

  /** Reads into the memory that {@code count} elements of {@code vectors} name. */
  static long preadv(int fd, MemorySegment vectors, int count, long offset) {
    return readBy(SystemCall.PREADV, fd, vectors, count, offset);
  }

  /** Writes from the memory that {@code count} elements of {@code vectors} name. */
  static long pwritev(int fd, MemorySegment vectors, int count, long offset) {
    return writeBy(SystemCall.PWRITEV, fd, vectors, count, offset);
  }

  private static long readBy(long number, int fd, MemorySegment memory, long count, long offset) {
    long result;
    try {
      result = (long) Read.CALL.invokeExact(number, (long) fd, memory, count, offset);
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return result < 0 ? readAgain(number, fd, memory, count, offset) : result;
  }

  /** Makes a read that has failed once more, to learn why. */
  private static long readAgain(
      long number, int fd, MemorySegment memory, long count, long offset) {
    long result;
    do {
      result = systemCall(number, memory, fd, memory.address(), count, offset);
    } while (result == -EINTR);
    return result;
  }

  private static long writeBy(long number, int fd, MemorySegment memory, long count, long offset) {
    MemorySegment errno = ThreadBuffers.current().errno();
    long result;
    try {
      do {
        result = (long) Write.CALL.invokeExact(errno, number, (long) fd, memory, count, offset);
      } while (interrupted(result, errno));
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return orErrno(result, errno);
  }

  /**
   * {@link #preadv} of what the host has in memory.
   *
   * @param kept memory that is not freed during the call
   * @return how many bytes; -1 if there are none at hand, or the call failed
   */
  static long preadvNow(int fd, MemorySegment vectors, int count, long offset, MemorySegment kept) {
    long array = vectors.address();
    try {
      return (long)
          PromptRead.CALL.invokeExact(
              SystemCall.PREADV2, (long) fd, array, (long) count, offset, 0L, RWF_NOWAIT, kept);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** {@link #preadvNow} once more, to learn why it has failed: the negative of the errno. */
  static long whyNotNow(int fd, MemorySegment vectors, int count, long offset, MemorySegment kept) {
    long array = vectors.address();
    return systemCall(SystemCall.PREADV2, kept, fd, array, count, offset, 0, RWF_NOWAIT);
  }

  /**
   * Makes a system call. Not repeated on EINTR.
   *
   * @param number one of {@link SystemCall}
   * @param kept memory that is not freed during the call
   * @param arguments at most six
   */
  static long systemCall(long number, MemorySegment kept, long... arguments) {
    long[] all = Arrays.copyOf(arguments, SYSTEM_CALL_ARGUMENTS);
    MemorySegment errno = ThreadBuffers.current().errno();
    long result;
    try {
      result =
          (long)
              SystemCalls.CALL.invokeExact(
                  errno, number, all[0], all[1], all[2], all[3], all[4], all[5], kept);
    } catch (Throwable e) {
      throw unexpected(e);
    }
    return orErrno(result, errno);
  }

  /** Copies between two files within the kernel; returns how many bytes. */
  static long copyFileRange(int from, long fromOffset, int to, long toOffset, long length) {
    MemorySegment offsets = ThreadBuffers.current().ioVectors();
    long result;
    do {
      offsets.set(JAVA_LONG, 0, fromOffset);
      offsets.set(JAVA_LONG, Long.BYTES, toOffset);
      long at = offsets.address();
      result =
          systemCall(SystemCall.COPY_FILE_RANGE, offsets, from, at, to, at + Long.BYTES, length, 0);
    } while (result == -EINTR);
    return result;
  }

  /** Lets requests wait for a file that was opened with {@link #O_NONBLOCK}. */
  static void setBlocking(int fd) {
    long flags = intCall(Control.FCNTL, fd, F_GETFL, 0, 0, 0);
    if (flags >= 0) {
      intCall(Control.FCNTL, fd, F_SETFL, flags & ~O_NONBLOCK, 0, 0);
    }
  }

  /** Makes a file's data, and its size, durable. */
  static int fdatasync(int fd) {
    return intCall(Control.FDATASYNC, fd, 0, 0, 0, 0);
  }

  /** Sets a file's size. */
  static int ftruncate(int fd, long size) {
    return intCall(Control.FTRUNCATE, fd, size, 0, 0, 0);
  }

  /** Allocates, punches or zeroes a range, as {@code mode} says. */
  static int fallocate(int fd, int mode, long offset, long length) {
    return intCall(Control.FALLOCATE, fd, mode, offset, length, 0);
  }

  /** Finds the end, the next data or the next hole. */
  static long lseek(int fd, long offset, int whence) {
    return longCall(Control.LSEEK, fd, offset, whence, 0, 0);
  }

  /**
   * Looks at a lock, or takes or drops one.
   *
   * @param lock {@code struct flock}
   */
  static int fcntl(int fd, int command, MemorySegment lock) {
    try {
      return intCall(Control.FCNTL, fd, command, lock.address(), 0, 0);
    } finally {
      Reference.reachabilityFence(lock);
    }
  }

  /**
   * Describes a file.
   *
   * @param fd an open file, or {@link #AT_FDCWD}
   * @param path a NUL for the open file, or a name in the host's encoding, ending in NUL
   * @param dst {@link #STATX_BYTES} bytes for {@code struct statx}
   */
  static int statx(int fd, MemorySegment path, int mask, MemorySegment dst) {
    try {
      return intCall(Control.STATX, fd, path.address(), AT_EMPTY_PATH, mask, dst.address());
    } finally {
      Reference.reachabilityFence(path);
      Reference.reachabilityFence(dst);
    }
  }

  /** Asks the file's host something that has no function of its own. */
  static int ioctl(int fd, long request, MemorySegment argument) {
    try {
      return intCall(Control.IOCTL, fd, request, argument.address(), 0, 0);
    } finally {
      Reference.reachabilityFence(argument);
    }
  }

  /** Calls a function that returns an int, of which the upper half of a register says nothing. */
  private static int intCall(MemorySegment function, long a, long b, long c, long d, long e) {
    MemorySegment errno = ThreadBuffers.current().errno();
    int result;
    do {
      result = (int) call(errno, function, a, b, c, d, e);
    } while (interrupted(result, errno));
    return (int) orErrno(result, errno);
  }

  private static long longCall(MemorySegment function, long a, long b, long c, long d, long e) {
    MemorySegment errno = ThreadBuffers.current().errno();
    long result;
    do {
      result = call(errno, function, a, b, c, d, e);
    } while (interrupted(result, errno));
    return orErrno(result, errno);
  }

  private static long call(
      MemorySegment errno, MemorySegment function, long a, long b, long c, long d, long e) {
    try {
      return (long) Control.CALL.invokeExact(function, errno, a, b, c, d, e);
    } catch (Throwable failure) {
      throw unexpected(failure);
    }
  }

  private static boolean interrupted(long result, MemorySegment errno) {
    return result < 0 && errno.get(JAVA_INT, ERRNO_OFFSET) == EINTR;
  }

  private static long orErrno(long result, MemorySegment errno) {
    return result < 0 ? -errno.get(JAVA_INT, ERRNO_OFFSET) : result;
  }

  /** Method handles declare {@code Throwable}; these calls throw only what checks of ours throw. */
  private static RuntimeException unexpected(Throwable e) {
    switch (e) {
      case Error error -> throw error;
      case RuntimeException failure -> throw failure;
      default -> throw new IllegalStateException(e);
    }
  }

  private static MemorySegment function(String name) {
    return LINKER.defaultLookup().findOrThrow(name);
  }
}
