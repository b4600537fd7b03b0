package dev.platter.file;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * What Linux says about an open file: the parts of {@code struct statx} that matter here. That
 * structure is the same on every processor, which {@code struct stat} is not.
 *
 * @param key device and inode
 * @param regular whether it is a regular file
 * @param blockDevice whether it is a block device
 * @param emptyDevice whether it is one of {@link EmptyDevices}
 * @param sizeBytes the size of a regular file
 * @param allocatedBytes storage in use
 * @param blockBytes the unit of the file system
 * @param directMemoryBytes alignment of memory for direct I/O; 0 if the host does not say
 * @param directOffsetBytes alignment of offsets and lengths for direct I/O; 0 likewise
 */
record FileStatus(
    FileKey key,
    boolean regular,
    boolean blockDevice,
    boolean emptyDevice,
    long sizeBytes,
    long allocatedBytes,
    int blockBytes,
    int directMemoryBytes,
    int directOffsetBytes) {

  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int STATX_DIOALIGN = 0x2000;
  private static final int S_IFMT = 0xf000;
  private static final int S_IFREG = 0x8000;
  private static final int S_IFBLK = 0x6000;
  private static final int S_IFCHR = 0x2000;
  private static final int SECTOR_BYTES = 512;

  /** Whether it is a device that can be an image, whose size is what it is. */
  boolean device() {
    return blockDevice || emptyDevice;
  }

  /**
   * Asks for the status of an open file.
   *
   * @param fileName the file's name, for messages
   */
  static FileStatus of(String fileName, int fd) throws BlockIoException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(LibC.STATX_BYTES, Long.BYTES);
      MemorySegment emptyPath = arena.allocate(1);
      int result = LibC.statx(fd, emptyPath, STATX_BASIC_STATS | STATX_DIOALIGN, status);
      if (result < 0) {
        throw new BlockIoException(fileName, "get the file's status", Errno.of(-result));
      }
      return decode(status);
    }
  }

  /** Asks for the status of the file that a path denotes. */
  static FileStatus of(Path path) throws BlockIoException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment status = arena.allocate(LibC.STATX_BYTES, Long.BYTES);
      MemorySegment name = PosixOpening.hostName(arena, path);
      int result = LibC.statx(LibC.AT_FDCWD, name, STATX_BASIC_STATS, status);
      if (result < 0) {
        throw BlockIoException.opening(path.toString(), Errno.of(-result));
      }
      return decode(status);
    }
  }

  private static FileStatus decode(MemorySegment status) {
    boolean saysDirect = (status.get(JAVA_INT, 0) & STATX_DIOALIGN) != 0;
    int type = status.get(JAVA_SHORT, 28) & S_IFMT;
    return new FileStatus(
        FileKey.of(
            deviceNumber(status.get(JAVA_INT, 136), status.get(JAVA_INT, 140)),
            status.get(JAVA_LONG, 32)),
        type == S_IFREG,
        type == S_IFBLK,
        type == S_IFCHR
            && EmptyDevices.include(
                deviceNumber(status.get(JAVA_INT, 128), status.get(JAVA_INT, 132))),
        status.get(JAVA_LONG, 40),
        status.get(JAVA_LONG, 48) * SECTOR_BYTES,
        status.get(JAVA_INT, 4),
        saysDirect ? status.get(JAVA_INT, 152) : 0,
        saysDirect ? status.get(JAVA_INT, 156) : 0);
  }

  /** Packs a device's numbers as the C library's {@code st_dev} does, which Java's files show. */
  private static long deviceNumber(long major, long minor) {
    return (minor & 0xff)
        | (major & 0xfff) << 8
        | (minor & 0xffffff00L) << 12
        | (major & 0xfffff000L) << 32;
  }
}
