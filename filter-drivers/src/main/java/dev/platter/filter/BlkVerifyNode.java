package dev.platter.filter;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.GrowingNode;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * Sends each request to an image and to a raw copy, and fails where these differ: in what they
 * hold, or in whether they fail. So a fault of the image's driver shows at the first read.
 *
 * <p>Only the image is flushed. Discards are ignored: image and copy might differ afterwards.
 * Threads: any; no read sees a write that only one of the two has performed.
 */
final class BlkVerifyNode implements GrowingNode {
  /** A request to one of the nodes. */
  @FunctionalInterface
  private interface Request {
    void send() throws IOException;
  }

  private final String name;
  private final BlockNode raw;
  private final BlockNode test;
  private final BlockLimits limits;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  /**
   * @param raw the copy; borrowed
   * @param test the image; borrowed
   */
  BlkVerifyNode(String name, BlockNode raw, BlockNode test) {
    this.name = name;
    this.raw = raw;
    this.test = test;
    this.limits = MergedLimits.of(List.of(raw, test));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return test.size();
  }

  @Override
  public boolean readOnly() {
    return test.readOnly() || raw.readOnly();
  }

  @Override
  public BlockLimits limits() {
    return limits;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    MemorySegment copy = MemorySegment.ofArray(new byte[Math.toIntExact(dst.byteSize())]);
    lock.readLock().lock();
    try {
      both(
          "read",
          offset,
          dst.byteSize(),
          () -> test.read(offset, dst),
          () -> raw.read(offset, copy));
    } finally {
      lock.readLock().unlock();
    }
    long different = dst.mismatch(copy);
    if (different >= 0) {
      throw differ(
          "read",
          offset,
          dst.byteSize(),
          "contents mismatch at offset %d".formatted(offset + different));
    }
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    alone(offset, src.byteSize(), () -> test.write(offset, src), () -> raw.write(offset, src));
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    alone(
        offset,
        length,
        () -> test.writeZeroes(offset, length, mode),
        () -> raw.writeZeroes(offset, length, mode));
  }

  @Override
  public void discard(long offset, long length) {
    // see the class's documentation
  }

  @Override
  public void flush() throws IOException {
    test.flush();
  }

  @Override
  public Extent extent(long offset, long length) throws IOException {
    return test.extent(offset, length);
  }

  @Override
  public void resize(long newSize, Preallocation preallocation) throws IOException {
    throw new UnsupportedFeatureException("Image format driver does not support resize");
  }

  /** Does nothing: the nodes below belong to whoever opened them. */
  @Override
  public void close() {}

  private void alone(long offset, long length, Request toTest, Request toRaw) throws IOException {
    lock.writeLock().lock();
    try {
      both("write", offset, length, toTest, toRaw);
    } finally {
      lock.writeLock().unlock();
    }
  }

  private void both(String what, long offset, long length, Request toTest, Request toRaw)
      throws IOException {
    Optional<IOException> ofTest = attempt(toTest);
    Optional<IOException> ofRaw = attempt(toRaw);
    if (ofTest.isPresent() != ofRaw.isPresent()) {
      String failed = ofTest.isPresent() ? "the image fails" : "the copy fails";
      throw differ(what, offset, length, "return value mismatch: " + failed);
    }
    if (ofTest.isPresent()) {
      throw ofTest.get();
    }
  }

  private static Optional<IOException> attempt(Request request) {
    try {
      request.send();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    }
  }

  private BlockIoException differ(String what, long offset, long length, String how) {
    return new BlockIoException(
        name,
        "blkverify: %s offset=%d bytes=%d %s".formatted(what, offset, length, how),
        Errno.EIO);
  }
}
