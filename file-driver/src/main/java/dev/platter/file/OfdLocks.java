package dev.platter.file;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Linux's locks of open file descriptions: they belong to the descriptor and not to the process. So
 * two nodes of this process exclude each other, and closing another descriptor of the same file
 * does not lose them, as it does POSIX locks. The kernel drops them when the process dies.
 */
record OfdLocks(int fd) implements ByteLocks {
  private static final int FLOCK_BYTES = 32;
  private static final int TYPE_OFFSET = 0;
  private static final int WHENCE_OFFSET = 2;
  private static final int START_OFFSET = 8;
  private static final int LENGTH_OFFSET = 16; // the process id at 24 has to be, and stays, 0

  private static final short SEEK_SET = 0;
  private static final short F_RDLCK = 0;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;

  @Override
  public int set(long offset, boolean locked) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment lock = describe(arena, locked ? F_RDLCK : F_UNLCK, offset);
      return LibC.fcntl(fd, LibC.F_OFD_SETLK, lock);
    }
  }

  @Override
  public int heldElsewhere(long offset) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment lock = describe(arena, F_WRLCK, offset);
      int result = LibC.fcntl(fd, LibC.F_OFD_GETLK, lock);
      boolean obstructed = lock.get(JAVA_SHORT, TYPE_OFFSET) != F_UNLCK;
      return result < 0 ? result : obstructed ? 1 : 0;
    }
  }

  private static MemorySegment describe(Arena arena, short type, long offset) {
    MemorySegment lock = arena.allocate(FLOCK_BYTES, Long.BYTES);
    lock.set(JAVA_SHORT, TYPE_OFFSET, type);
    lock.set(JAVA_SHORT, WHENCE_OFFSET, SEEK_SET);
    lock.set(JAVA_LONG, START_OFFSET, offset);
    lock.set(JAVA_LONG, LENGTH_OFFSET, 1);
    return lock;
  }
}
