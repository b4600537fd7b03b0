package dev.platter.file;

import java.lang.foreign.MemorySegment;

/** Transfers by the C library's positional calls, on the caller's thread. */
final class PositionalTransfers implements HostTransfers {
  static final PositionalTransfers INSTANCE = new PositionalTransfers();

  private PositionalTransfers() {}

  @Override
  public long read(int fd, MemorySegment dst, long offset) {
    return LibC.pread(fd, dst, offset);
  }

  @Override
  public long write(int fd, MemorySegment src, long offset) {
    return LibC.pwrite(fd, src, offset);
  }

  @Override
  public long readOwn(int fd, MemorySegment dst, long offset) {
    return LibC.preadOwn(fd, dst, offset);
  }

  @Override
  public long writeOwn(int fd, MemorySegment src, long offset) {
    return LibC.pwriteOwn(fd, src, offset);
  }

  @Override
  public long readVector(int fd, MemorySegment vectors, int count, long offset) {
    return LibC.preadv(fd, vectors, count, offset);
  }

  @Override
  public long writeVector(int fd, MemorySegment vectors, int count, long offset) {
    return LibC.pwritev(fd, vectors, count, offset);
  }
}
