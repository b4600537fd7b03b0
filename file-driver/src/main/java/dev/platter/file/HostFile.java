package dev.platter.file;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.GrowingNode;
import dev.platter.api.HostBacked;
import dev.platter.api.IoVector;
import dev.platter.api.LockableNode;
import dev.platter.api.OffloadingNode;
import dev.platter.api.Permission;
import dev.platter.api.Permissions;
import dev.platter.api.Preallocation;
import dev.platter.api.PromptNode;
import dev.platter.api.Ranges;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.InFlight;
import dev.platter.api.error.NodeBusyException;
import dev.platter.api.error.NodeClosedException;
import dev.platter.api.error.OutOfRangeException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The bytes of a host file, or of a block device, as a node.
 *
 * <p>Growth: if the node is writable, {@code write} and {@code writeZeroes} accept ranges that end
 * beyond {@link #size()}. The file then ends where the range does, and a gap before it reads as
 * zeros. Reads beyond the end are refused.
 *
 * <p>Requests are counted in at {@code requests} for as long as they use the descriptor; whatever
 * cuts the file, or takes the descriptor away, holds them back and has {@code alone}. (Not a lock
 * for readers and writers: at each request all threads would write to the one place that it counts
 * them in.) Hence:
 *
 * <ul>
 *   <li>I1: the descriptor is open while a request uses it, so that its number never stands for
 *       another file.
 *   <li>I2: {@code size} is at most the size of the host's file, and covers every completed write.
 *       It only grows, except while requests are held.
 *   <li>I3: the file is never cut below a write that has completed or is under way: {@code
 *       truncate} is called while requests are held only.
 *   <li>I4: what lies between {@code size} and the end of the host's file was never shown to
 *       anyone; a failed write that left something there moves {@code size} behind it.
 *   <li>I5: once a flush has failed, nothing that changes the file is tried any more.
 * </ul>
 */
final class HostFile implements GrowingNode, HostBacked, LockableNode, PromptNode, OffloadingNode {
  /** The largest size whose unit of direct I/O still ends within 63 bits. */
  private static final long MAX_BYTES = Long.MAX_VALUE & -ThreadBuffers.ALIGNMENT_BYTES;

  /** How often a host is asked anew that says bytes are stored and are not. */
  private static final int EXTENT_ROUNDS = 100;

  private final String name;
  private final Path path;
  private final OpenFile file;
  private final boolean readOnly;
  private final Flusher flusher;
  private final boolean unmap;
  private final ImageLock lock;
  private final BlockLimits limits;
  private final FileSize size;
  private final InFlight requests;
  private final ReentrantLock alone = new ReentrantLock();
  private boolean closed; // guarded by alone

  /**
   * Makes a node of an open file, which it closes.
   *
   * @param flusher makes the file's bytes durable
   * @param unmap whether discards, and zero-writes that may, free the host's space
   * @param lock the file's locks, which nobody else uses
   */
  HostFile(
      String name,
      Path path,
      OpenFile file,
      boolean readOnly,
      Flusher flusher,
      boolean unmap,
      ImageLock lock)
      throws IOException {
    this.name = name;
    this.path = path;
    this.file = file;
    this.readOnly = readOnly;
    this.flusher = flusher;
    this.unmap = unmap;
    this.lock = lock;
    this.limits = file.limits();
    this.size = new FileSize(file);
    this.requests = new InFlight(name);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Object fileKey() {
    return file.key();
  }

  @Override
  public long size() {
    return size.get();
  }

  @Override
  public boolean readOnly() {
    return readOnly;
  }

  @Override
  public BlockLimits limits() {
    return limits;
  }

  /**
   * {@inheritDoc}
   *
   * @throws NodeBusyException also if the path has come to denote another file between the opening
   *     and the first lock: what is written would be lost
   */
  @Override
  public void lock(Permissions permissions) throws IOException {
    int request = requests.enter();
    try {
      boolean first = lock.fresh();
      lock.set(permissions);
      if (first && permissions.held().contains(Permission.WRITE) && !file.isAt(path)) {
        lock.release();
        throw new NodeBusyException(
            "'%s' was replaced by another file while it was opened".formatted(path));
      }
    } finally {
      requests.exit(request);
    }
  }

  @Override
  public long allocatedBytes() throws IOException {
    int request = requests.enter();
    try {
      return file.allocatedBytes();
    } finally {
      requests.exit(request);
    }
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    requireWritable(dst);
    int request = requests.enter();
    try {
      Ranges.check(name, size.get(), offset, dst.byteSize());
      file.read(offset, dst);
    } finally {
      requests.exit(request);
    }
  }

  @Override
  public boolean promptReads() {
    return file.promptReads();
  }

  @Override
  public boolean readPromptly(long offset, MemorySegment dst) throws IOException {
    requireWritable(dst);
    OptionalInt request = requests.tryEnter();
    if (request.isEmpty()) {
      return false;
    }
    try {
      Ranges.check(name, size.get(), offset, dst.byteSize());
      return file.readPromptly(offset, dst);
    } finally {
      requests.exit(request.getAsInt());
    }
  }

  @Override
  public boolean readPromptly(long offset, IoVector dst) throws IOException {
    dst.segments().forEach(HostFile::requireWritable);
    OptionalInt request = requests.tryEnter();
    if (request.isEmpty()) {
      return false;
    }
    try {
      Ranges.check(name, size.get(), offset, dst.byteSize());
      return file.readPromptly(offset, dst.segments(), dst.byteSize());
    } finally {
      requests.exit(request.getAsInt());
    }
  }

  @Override
  public void read(long offset, IoVector dst) throws IOException {
    dst.segments().forEach(HostFile::requireWritable);
    int request = requests.enter();
    try {
      Ranges.check(name, size.get(), offset, dst.byteSize());
      file.read(offset, dst.segments());
    } finally {
      requests.exit(request);
    }
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    change(offset, src.byteSize(), () -> file.write(offset, src));
  }

  @Override
  public void write(long offset, IoVector src) throws IOException {
    change(offset, src.byteSize(), () -> file.write(offset, src.segments()));
  }

  @Override
  public void copyFrom(long offset, BlockNode source, long sourceOffset, long length)
      throws IOException {
    change(offset, length, () -> copyFrom(offset, requireFile(source), sourceOffset, length));
  }

  /**
   * Does not wait to be let in at the other, so that copies both ways never wait for each other.
   */
  private void copyFrom(long offset, HostFile source, long sourceOffset, long length)
      throws IOException {
    boolean copied = false;
    OptionalInt request = source.requests.tryEnter();
    if (request.isPresent()) {
      try {
        Ranges.check(source.name, source.size.get(), sourceOffset, length);
        copied = file.copyFrom(offset, source.file, sourceOffset, length);
      } finally {
        source.requests.exit(request.getAsInt());
      }
    }
    if (!copied) {
      throw new UnsupportedFeatureException(
          "%s: the host cannot copy from %s into this".formatted(name, source.name));
    }
  }

  private HostFile requireFile(BlockNode source) throws UnsupportedFeatureException {
    if (source instanceof HostFile other && other != this) {
      return other;
    }
    throw new UnsupportedFeatureException(
        "%s: the host cannot copy from %s into this".formatted(name, source.name()));
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    boolean mayUnmap = unmap && mode == ZeroMode.MAY_UNMAP;
    if (offset >= 0 && length >= 0 && offset <= size.get() - length) {
      change(offset, length, () -> zeroWithin(offset, length, mayUnmap));
      return;
    }
    changeAlone(
        () -> {
          long end = requireChangeable(offset, length);
          if (length > 0) {
            zeroAcrossEnd(offset, end, mayUnmap);
          }
        });
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    int request = requests.enter();
    try {
      requireChangeable(offset, length);
      Ranges.check(name, size.get(), offset, length);
      if (unmap && length > 0) {
        try {
          file.punch(offset, length); // where the host cannot, the old contents stay: allowed
        } finally {
          flusher.changed();
        }
      }
    } finally {
      requests.exit(request);
    }
  }

  @Override
  public void flush() throws IOException {
    int request = requests.enter();
    try {
      flusher.flush();
    } finally {
      requests.exit(request);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>A hole reads as zeros and is present: nothing below a host file could answer instead.
   */
  @Override
  public Extent extent(long offset, long length) throws IOException {
    if (length < 1) {
      throw new IllegalArgumentException("length is " + length);
    }
    int request = requests.enter();
    try {
      Ranges.check(name, size.get(), offset, length);
      boolean hole = false;
      long end = offset;
      for (int round = 0; end <= offset && round < EXTENT_ROUNDS; round++) {
        long data = file.nextData(offset); // again, if a hole came between the two questions
        hole = data > offset;
        end = hole ? data : file.nextHole(offset);
      }
      if (end <= offset) {
        end = offset + length; // contradicts itself all the time: may be data, which is never wrong
      }
      return new Extent(
          offset,
          Math.min(length, end - offset),
          true,
          hole,
          !hole,
          false,
          0,
          OptionalLong.of(offset),
          path.toString());
    } finally {
      requests.exit(request);
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>{@link Preallocation#FALLOC} asks the host for the space, {@link Preallocation#FULL} writes
   * zeros. If the space cannot be had, the file has its old size again.
   */
  @Override
  public void resize(long newSize, Preallocation preallocation) throws IOException {
    if (newSize < 0) {
      throw new IllegalArgumentException("newSize is " + newSize);
    }
    changeAlone(
        () -> {
          requireChangeable(0, newSize);
          Growth.resize(file, size.get(), newSize, preallocation);
          size.set(file.size());
        });
  }

  @Override
  public void close() throws IOException {
    alone.lock();
    try (OpenFile closing = requests.close() ? file : null) {
      closed = true;
      if (closing != null) {
        flusher.flush();
      }
    } finally {
      alone.unlock();
    }
  }

  /** Something that changes bytes of the file. */
  private interface Change {
    void apply() throws IOException;
  }

  /** Runs a change of a range beside other requests; the range may end beyond the file's end. */
  private void change(long offset, long length, Change change) throws IOException {
    int request = requests.enter();
    try {
      long end = requireChangeable(offset, length);
      if (length == 0) {
        return;
      }
      try {
        change.apply();
      } catch (IOException | RuntimeException | Error e) {
        size.takeInPartialGrowth(end, e); // I4
        throw e;
      } finally {
        flusher.changed();
      }
      size.growTo(end);
    } finally {
      requests.exit(request);
    }
  }

  private void zeroWithin(long offset, long length, boolean mayUnmap) throws IOException {
    if (!(mayUnmap && file.punch(offset, length))) {
      Growth.zero(file, offset, length);
    }
  }

  /** Zeroes a range that ends beyond the end; requests are held. */
  private void zeroAcrossEnd(long offset, long end, boolean mayUnmap) throws IOException {
    long oldSize = size.get();
    if (end > oldSize) {
      file.truncate(end);
      size.set(end);
    }
    long fresh = Math.clamp(oldSize, offset, end);
    if (fresh > offset) {
      zeroWithin(offset, fresh - offset, mayUnmap);
    }
    if (fresh < end && !mayUnmap) {
      file.allocate(fresh, end - fresh); // reads as zeros in any case: the host need not oblige
    }
  }

  /** Runs a change that wants the file to itself. */
  private void changeAlone(Change change) throws IOException {
    alone.lock();
    try {
      if (closed) {
        throw new NodeClosedException(name);
      }
      requests.hold();
      try {
        change.apply();
      } finally {
        flusher.changed();
        requests.release();
      }
    } finally {
      alone.unlock();
    }
  }

  /** Checks everything that may forbid a change, and returns where its range ends. */
  private long requireChangeable(long offset, long length)
      throws ReadOnlyNodeException, OutOfRangeException {
    if (readOnly) {
      throw new ReadOnlyNodeException(name);
    }
    flusher.requireIntact();
    if (offset < 0 || length < 0 || length > MAX_BYTES - offset) {
      throw new OutOfRangeException(name, offset, length, MAX_BYTES);
    }
    return offset + length;
  }

  private static void requireWritable(MemorySegment dst) {
    if (dst.isReadOnly()) {
      throw new IllegalArgumentException("the memory to read into is read-only");
    }
  }
}
