package dev.platter.file;

import dev.platter.api.BlockLimits;
import dev.platter.api.Ranges;
import dev.platter.api.error.BlockIoException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A file opened for direct I/O, which transfers whole units between aligned places only; this class
 * lets requests be of any shape.
 *
 * <p>Requests that are aligned go straight to the host. Where only the memory is not, the bytes go
 * through the thread's bounce buffer. Where the range is not, the units at its edges are read, and
 * written back with the new bytes in them.
 *
 * <ul>
 *   <li>I1: between reading an edge and writing it back, nobody else writes: such writes hold
 *       {@code edges} exclusively, every other change shared.
 *   <li>I2: the file ends where its last write ended, and not at the end of a unit: a write that
 *       had to fill its last unit cuts off what it added, before it lets go of {@code edges}.
 * </ul>
 */
final class DirectFile implements OpenFile {
  /** Enough for any device, where the host does not say what it needs. */
  private static final int SAFE_UNIT_BYTES = ThreadBuffers.ALIGNMENT_BYTES;

  private final PosixFile file;
  private final int unitBytes;
  private final int memoryUnitBytes;
  private final ReadWriteLock edges = new ReentrantReadWriteLock();

  private DirectFile(PosixFile file, int unitBytes, int memoryUnitBytes) {
    this.file = file;
    this.unitBytes = unitBytes;
    this.memoryUnitBytes = memoryUnitBytes;
  }

  /** Takes over a descriptor opened with {@code O_DIRECT}. */
  static DirectFile of(String fileName, int fd, FileStatus status, HostTransfers transfers) {
    int unitBytes = orSafe(status.directOffsetBytes());
    int memoryUnitBytes = orSafe(status.directMemoryBytes());
    return new DirectFile(
        new PosixFile(fileName, fd, status, unitBytes, transfers), unitBytes, memoryUnitBytes);
  }

  private static int orSafe(int unitBytes) {
    return unitBytes == 0 ? SAFE_UNIT_BYTES : unitBytes;
  }

  @Override
  public FileKey key() {
    return file.key();
  }

  @Override
  public boolean isAt(Path path) throws IOException {
    return file.isAt(path);
  }

  @Override
  public ByteLocks locks() {
    return file.locks();
  }

  @Override
  public long size() throws IOException {
    return file.size();
  }

  @Override
  public long allocatedBytes() throws IOException {
    return file.allocatedBytes();
  }

  @Override
  public BlockLimits limits() {
    BlockLimits buffered = file.limits();
    return new BlockLimits(
        unitBytes,
        memoryUnitBytes,
        unitBytes,
        buffered.zeroAlignmentBytes(),
        buffered.discardAlignmentBytes(),
        buffered.maxTransferBytes());
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    if (aligned(offset, dst.byteSize()) && alignedMemory(dst)) {
      file.read(offset, dst);
    } else {
      readThroughBuffer(offset, dst.byteSize(), new SegmentCursor(List.of(dst)));
    }
  }

  @Override
  public void read(long offset, List<MemorySegment> dst) throws IOException {
    long length = totalBytes(dst);
    if (aligned(offset, length) && dst.stream().allMatch(this::alignedMemory)) {
      file.read(offset, dst);
    } else {
      readThroughBuffer(offset, length, new SegmentCursor(dst));
    }
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    if (aligned(offset, src.byteSize()) && alignedMemory(src)) {
      change(() -> file.write(offset, src));
    } else {
      writeThroughBuffer(offset, src.byteSize(), new SegmentCursor(List.of(src)));
    }
  }

  @Override
  public void write(long offset, List<MemorySegment> src) throws IOException {
    long length = totalBytes(src);
    if (aligned(offset, length) && src.stream().allMatch(this::alignedMemory)) {
      change(() -> file.write(offset, src));
    } else {
      writeThroughBuffer(offset, length, new SegmentCursor(src));
    }
  }

  private void readThroughBuffer(long offset, long length, SegmentCursor dst) throws IOException {
    AlignedWindows windows = new AlignedWindows(offset, length, unitBytes);
    while (windows.next()) {
      file.read(windows.start(), windows.buffer());
      dst.scatter(windows.wanted());
    }
  }

  private void writeThroughBuffer(long offset, long length, SegmentCursor src) throws IOException {
    if (aligned(offset, length)) {
      change(() -> writeWindows(new AlignedWindows(offset, length, unitBytes), src));
      return;
    }
    edges.writeLock().lock();
    try {
      long oldSize = file.size();
      writeWindows(new AlignedWindows(offset, length, unitBytes), src);
      long newSize = Math.max(oldSize, offset + length);
      if (newSize < Ranges.alignUp(offset + length, unitBytes)) {
        file.truncate(newSize);
      }
    } finally {
      edges.writeLock().unlock();
    }
  }

  private void writeWindows(AlignedWindows windows, SegmentCursor src) throws IOException {
    while (windows.next()) {
      MemorySegment buffer = windows.buffer();
      if (windows.cutsFirstUnit()) {
        file.read(windows.start(), buffer.asSlice(0, unitBytes));
      }
      if (windows.cutsLastUnit()) {
        file.read(windows.end() - unitBytes, buffer.asSlice(buffer.byteSize() - unitBytes));
      }
      src.gather(windows.wanted());
      file.write(windows.start(), buffer);
    }
  }

  @Override
  public void truncate(long size) throws IOException {
    change(() -> file.truncate(size));
  }

  @Override
  public boolean punch(long offset, long length) throws IOException {
    edges.readLock().lock();
    try {
      return file.punch(offset, length);
    } finally {
      edges.readLock().unlock();
    }
  }

  @Override
  public boolean zero(long offset, long length) throws IOException {
    edges.readLock().lock();
    try {
      return file.zero(offset, length);
    } finally {
      edges.readLock().unlock();
    }
  }

  @Override
  public boolean allocate(long offset, long length) throws IOException {
    return file.allocate(offset, length);
  }

  @Override
  public long nextData(long offset) throws IOException {
    return file.nextData(offset);
  }

  @Override
  public long nextHole(long offset) throws IOException {
    return file.nextHole(offset);
  }

  @Override
  public void sync() throws BlockIoException {
    file.sync();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private interface Change {
    void apply() throws IOException;
  }

  /** Makes a change that reads no edges. */
  private void change(Change change) throws IOException {
    edges.readLock().lock();
    try {
      change.apply();
    } finally {
      edges.readLock().unlock();
    }
  }

  private boolean aligned(long offset, long length) {
    return ((offset | length) & (unitBytes - 1)) == 0;
  }

  private boolean alignedMemory(MemorySegment segment) {
    return segment.isNative()
        && (segment.address() & (memoryUnitBytes - 1)) == 0
        && (segment.byteSize() & (unitBytes - 1)) == 0;
  }

  private static long totalBytes(List<MemorySegment> segments) {
    return segments.stream().mapToLong(MemorySegment::byteSize).sum();
  }
}
