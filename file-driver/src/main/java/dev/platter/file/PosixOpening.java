package dev.platter.file;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import dev.platter.api.error.BlockException;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.Charset;
import java.nio.file.Path;

/** Opens and creates files by Linux's {@code open}. */
final class PosixOpening {
  /**
   * For every file. Without {@code O_NONBLOCK}, opening a named pipe would wait for somebody at its
   * other end; regular files ignore it.
   */
  private static final int COMMON_FLAGS = LibC.O_CLOEXEC | LibC.O_NOCTTY | LibC.O_NONBLOCK;

  private static final int NEW_FILE_MODE = 0644;
  private static final Charset PATH_CHARSET =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private PosixOpening() {}

  static OpenFile open(FileAccess access) throws IOException {
    int fd = open(access, access.writable() ? LibC.O_RDWR : LibC.O_RDONLY);
    if (fd == -Errno.EINVAL.code() && access.direct()) {
      open(access.buffered()).close(); // if something else is wrong, this says it better
      throw new UnsupportedFeatureException(
          "Could not open '%s': filesystem does not support O_DIRECT".formatted(access.fileName()));
    }
    if (fd < 0) {
      throw BlockIoException.opening(access.fileName(), Errno.of(-fd));
    }
    return take(access, fd);
  }

  static OpenFile create(FileAccess access) throws IOException {
    int fd = open(access, LibC.O_RDWR | LibC.O_CREAT);
    if (fd < 0) {
      throw BlockIoException.creating(access.fileName(), Errno.of(-fd));
    }
    return take(access, fd);
  }

  private static int open(FileAccess access, int flags) {
    int direct = access.direct() ? LibC.O_DIRECT : 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = hostName(arena, access.path());
      return LibC.open(path, flags | direct | COMMON_FLAGS, NEW_FILE_MODE);
    }
  }

  /** A path in the host's encoding, ending in NUL. */
  static MemorySegment hostName(Arena arena, Path path) {
    byte[] name = path.toString().getBytes(PATH_CHARSET);
    MemorySegment ended = arena.allocate(name.length + 1L);
    MemorySegment.copy(name, 0, ended, JAVA_BYTE, 0, name.length);
    return ended;
  }

  /** Makes a file of a descriptor, or closes the descriptor. */
  private static OpenFile take(FileAccess access, int fd) throws BlockException {
    boolean taken = false;
    try {
      FileStatus status = FileStatus.of(access.fileName(), fd);
      if (!status.regular() && !status.device()) {
        throw access.notRegular();
      }
      HostTransfers transfers = HostTransfers.of(access.aio());
      if (access.aio() == FileOptions.Aio.IO_URING) {
        LibC.setBlocking(fd); // it would answer EAGAIN where others wait
      }
      OpenFile file =
          access.direct()
              ? DirectFile.of(access.fileName(), fd, status, transfers)
              : new PosixFile(access.fileName(), fd, status, 1, transfers);
      taken = true;
      return file;
    } finally {
      if (!taken) {
        LibC.close(fd);
      }
    }
  }
}
