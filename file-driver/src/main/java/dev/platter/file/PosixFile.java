package dev.platter.file;

import dev.platter.api.BlockLimits;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A file behind a descriptor of Linux's, read and written straight to and from the caller's memory.
 *
 * <p>Heap memory goes through the thread's bounce buffer, since the host can only reach native
 * memory. If the descriptor is one for direct I/O, everything must be aligned: {@link DirectFile}
 * sees to it.
 */
final class PosixFile implements OpenFile {
  private static final long NO_DATA_ERRNO = 6; // ENXIO: nothing stored from there on

  /** EPERM, EXDEV, EINVAL, ENOSYS, EOPNOTSUPP: not between these files, or not on this host. */
  private static final Set<Long> NO_COPY_ERRNOS = Set.of(1L, 18L, 22L, 38L, 95L);

  private final String fileName;
  private final int fd;
  private final FileStatus status;
  private final int transferUnitBytes;
  private final HostTransfers transfers;
  private final PromptReads promptReads;

  /**
   * Takes over a descriptor.
   *
   * @param transferUnitBytes 1, or the unit of direct I/O: a transfer that ends within a unit has
   *     met the end of the file
   * @param transfers how bytes are moved
   */
  PosixFile(
      String fileName, int fd, FileStatus status, int transferUnitBytes, HostTransfers transfers) {
    this.fileName = fileName;
    this.fd = fd;
    this.status = status;
    this.transferUnitBytes = transferUnitBytes;
    this.transfers = transfers;
    this.promptReads = new PromptReads(fd, transferUnitBytes == 1);
  }

  @Override
  public FileKey key() {
    return status.key();
  }

  @Override
  public boolean isAt(Path path) throws IOException {
    return FileStatus.of(path).key().equals(key());
  }

  @Override
  public ByteLocks locks() {
    return new OfdLocks(fd);
  }

  /** Whether it is a device, whose size is what it is. */
  private boolean device() {
    return status.device();
  }

  @Override
  public long size() throws IOException {
    return device()
        ? check(LibC.lseek(fd, 0, LibC.SEEK_END), "find the end")
        : FileStatus.of(fileName, fd).sizeBytes();
  }

  @Override
  public long allocatedBytes() throws IOException {
    return FileStatus.of(fileName, fd).allocatedBytes();
  }

  @Override
  public BlockLimits limits() {
    int unit = Math.max(1, Integer.highestOneBit(status.blockBytes()));
    return new BlockLimits(1, 1, 1, unit, unit, Long.MAX_VALUE);
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    if (dst.isNative()) {
      readNative(offset, dst, false);
    } else {
      readThroughBuffer(offset, List.of(dst), dst.byteSize());
    }
  }

  @Override
  public boolean promptReads() {
    return promptReads.useful();
  }

  @Override
  public boolean readPromptly(long offset, MemorySegment dst) {
    return promptReads.read(offset, dst);
  }

  @Override
  public boolean readPromptly(long offset, List<MemorySegment> dst, long length) {
    return promptReads.read(offset, dst, length);
  }

  @Override
  public void read(long offset, List<MemorySegment> dst) throws IOException {
    long length = totalBytes(dst);
    if (!dst.stream().allMatch(MemorySegment::isNative)) {
      readThroughBuffer(offset, dst, length);
      return;
    }
    IoVectorArray vectors = new IoVectorArray(dst);
    for (long done = 0; done < length; ) {
      long n = vectors.read(transfers, fd, offset + done);
      checkTransfer(n, "read", offset, length);
      done += n;
      if (atEnd(n) && done < length) {
        vectors.fillRest((byte) 0);
        return;
      }
    }
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    if (src.isNative()) {
      writeNative(offset, src, false);
    } else {
      writeThroughBuffer(offset, List.of(src), src.byteSize());
    }
  }

  @Override
  public void write(long offset, List<MemorySegment> src) throws IOException {
    long length = totalBytes(src);
    if (!src.stream().allMatch(MemorySegment::isNative)) {
      writeThroughBuffer(offset, src, length);
      return;
    }
    IoVectorArray vectors = new IoVectorArray(src);
    for (long done = 0; done < length; ) {
      long n = vectors.write(transfers, fd, offset + done);
      checkWritten(n, offset, length);
      done += n;
    }
  }

  /**
   * Fills native memory.
   *
   * @param own whether it is this thread's own
   */
  private void readNative(long offset, MemorySegment dst, boolean own) throws IOException {
    long length = dst.byteSize();
    for (long done = 0; done < length; ) {
      MemorySegment rest = rest(dst, done);
      long n =
          own
              ? transfers.readOwn(fd, rest, offset + done)
              : transfers.read(fd, rest, offset + done);
      checkTransfer(n, "read", offset, length);
      done += n;
      if (atEnd(n) && done < length) {
        dst.asSlice(done).fill((byte) 0);
        return;
      }
    }
  }

  private void writeNative(long offset, MemorySegment src, boolean own) throws IOException {
    long length = src.byteSize();
    for (long done = 0; done < length; ) {
      MemorySegment rest = rest(src, done);
      long n =
          own
              ? transfers.writeOwn(fd, rest, offset + done)
              : transfers.write(fd, rest, offset + done);
      checkWritten(n, offset, length);
      done += n;
    }
  }

  private void readThroughBuffer(long offset, List<MemorySegment> dst, long length)
      throws IOException {
    MemorySegment buffer = ThreadBuffers.current().bounce(length);
    SegmentCursor cursor = new SegmentCursor(dst);
    for (long done = 0; done < length; ) {
      MemorySegment part = buffer.asSlice(0, Math.min(buffer.byteSize(), length - done));
      readNative(offset + done, part, true);
      cursor.scatter(part);
      done += part.byteSize();
    }
  }

  private void writeThroughBuffer(long offset, List<MemorySegment> src, long length)
      throws IOException {
    MemorySegment buffer = ThreadBuffers.current().bounce(length);
    SegmentCursor cursor = new SegmentCursor(src);
    for (long done = 0; done < length; ) {
      MemorySegment part = buffer.asSlice(0, Math.min(buffer.byteSize(), length - done));
      cursor.gather(part);
      writeNative(offset + done, part, true);
      done += part.byteSize();
    }
  }

  @Override
  public boolean copyFrom(long offset, OpenFile source, long sourceOffset, long length)
      throws IOException {
    if (!(source instanceof PosixFile from)) {
      return false;
    }
    for (long done = 0; done < length; ) {
      long n = LibC.copyFileRange(from.fd, sourceOffset + done, fd, offset + done, length - done);
      if (n == 0 || NO_COPY_ERRNOS.contains(-n)) {
        return false;
      }
      checkTransfer(n, "copy", offset, length);
      done += n;
    }
    return true;
  }

  @Override
  public void truncate(long size) throws IOException {
    if (device()) {
      check(
          size > size() ? -Errno.ENOSPC.code() : 0, "grow the device to %d bytes".formatted(size));
      return;
    }
    check(LibC.ftruncate(fd, size), "set the size to %d bytes".formatted(size));
  }

  @Override
  public boolean punch(long offset, long length) throws IOException {
    return fallocate(LibC.FALLOC_FL_PUNCH_HOLE | LibC.FALLOC_FL_KEEP_SIZE, offset, length);
  }

  @Override
  public boolean zero(long offset, long length) throws IOException {
    return fallocate(LibC.FALLOC_FL_ZERO_RANGE, offset, length);
  }

  @Override
  public boolean allocate(long offset, long length) throws IOException {
    return fallocate(LibC.FALLOC_FL_KEEP_SIZE, offset, length);
  }

  private boolean fallocate(int mode, long offset, long length) throws IOException {
    int result = LibC.fallocate(fd, mode, offset, length);
    if (result == -Errno.ENOTSUP.code() || result == -Errno.EINVAL.code()) {
      return false; // EINVAL: a block device whose sectors the range does not meet
    }
    check(result, "allocate or free %d bytes at 0x%x".formatted(length, offset));
    return true;
  }

  @Override
  public long nextData(long offset) throws IOException {
    long found = LibC.lseek(fd, offset, LibC.SEEK_DATA);
    if (found == -NO_DATA_ERRNO) {
      return Long.MAX_VALUE;
    }
    return found == -Errno.EINVAL.code() ? offset : check(found, "find data");
  }

  @Override
  public long nextHole(long offset) throws IOException {
    long found = LibC.lseek(fd, offset, LibC.SEEK_HOLE);
    return found == -Errno.EINVAL.code() ? Long.MAX_VALUE : check(found, "find a hole");
  }

  @Override
  public void turnOffCopyOnWrite() {
    FileAttributes.turnOffCopyOnWrite(fd);
  }

  @Override
  public void hintExtentSize(long bytes) {
    FileAttributes.hintExtentSize(fd, bytes);
  }

  @Override
  public void sync() throws BlockIoException {
    if (!status.emptyDevice()) { // nothing to flush, which the host calls an error
      check(LibC.fdatasync(fd), "flush");
    }
  }

  @Override
  public void close() throws IOException {
    check(LibC.close(fd), "close");
  }

  /** What is left of memory; mostly all of it, for which no object is made. */
  private static MemorySegment rest(MemorySegment memory, long done) {
    return done == 0 ? memory : memory.asSlice(done);
  }

  private boolean atEnd(long transferred) {
    return transferred == 0 || transferred % transferUnitBytes != 0;
  }

  private void checkTransfer(long result, String verb, long offset, long length)
      throws BlockIoException {
    if (result < 0) {
      throw new BlockIoException(
          fileName, "%s %d bytes at 0x%x".formatted(verb, length, offset), Errno.of((int) -result));
    }
  }

  private void checkWritten(long result, long offset, long length) throws BlockIoException {
    // A write that transfers nothing and names no reason would otherwise be repeated for ever.
    checkTransfer(result == 0 ? -Errno.EIO.code() : result, "write", offset, length);
  }

  private long check(long result, String what) throws BlockIoException {
    if (result < 0) {
      throw new BlockIoException(fileName, what, Errno.of((int) -result));
    }
    return result;
  }

  private static long totalBytes(List<MemorySegment> segments) {
    long total = 0;
    for (MemorySegment segment : segments) {
      total += segment.byteSize();
    }
    return total;
  }
}
