package dev.platter.file;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What a file of Linux's can be told about how it is kept. These are wishes: a host that cannot do
 * as told leaves things as they are, and nobody is the worse for it.
 */
final class FileAttributes {
  private static final long GET_FLAGS = 0x8008_6601L;
  private static final long SET_FLAGS = 0x4008_6602L;
  private static final int NO_COPY_ON_WRITE = 0x80_0000;

  /** FS_IOC_FSGETXATTR and its counterpart: flags, extent size, and five more fields. */
  private static final long GET_EXTENDED = 0x801c_581fL;

  private static final long SET_EXTENDED = 0x401c_5820L;
  private static final int EXTENDED_BYTES = 28;
  private static final int HAS_EXTENT_SIZE = 0x800;
  private static final int EXTENT_SIZE_OFFSET = 4;

  private FileAttributes() {}

  /** Has btrfs overwrite an empty file's blocks in place. */
  static void turnOffCopyOnWrite(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment flags = arena.allocate(Long.BYTES, Long.BYTES); // the kernel uses an int of it
      if (LibC.ioctl(fd, GET_FLAGS, flags) == 0) {
        flags.set(JAVA_INT, 0, flags.get(JAVA_INT, 0) | NO_COPY_ON_WRITE);
        LibC.ioctl(fd, SET_FLAGS, flags);
      }
    }
  }

  /** Has XFS allocate an empty file's space in pieces of this size. */
  static void hintExtentSize(int fd, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(EXTENDED_BYTES, Integer.BYTES);
      if (LibC.ioctl(fd, GET_EXTENDED, attributes) == 0) {
        attributes.set(JAVA_INT, 0, attributes.get(JAVA_INT, 0) | HAS_EXTENT_SIZE);
        attributes.set(JAVA_INT, EXTENT_SIZE_OFFSET, (int) bytes);
        LibC.ioctl(fd, SET_EXTENDED, attributes);
      }
    }
  }
}
