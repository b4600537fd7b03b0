package dev.platter.filter;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.Preallocation;
import dev.platter.api.Ranges;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/** Bytes that are zeros whatever is written to them. Threads: any number. */
final class NullNode implements BlockNode {
  private final String name;
  private final long size;
  private final boolean readOnly;
  private final boolean knownZero;
  private final Duration latency;

  /**
   * @param knownZero whether it is said of the bytes that they are zeros
   * @param latency how long each request takes
   */
  NullNode(String name, long size, boolean readOnly, boolean knownZero, Duration latency) {
    this.name = name;
    this.size = size;
    this.readOnly = readOnly;
    this.knownZero = knownZero;
    this.latency = latency;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public boolean readOnly() {
    return readOnly;
  }

  @Override
  public BlockLimits limits() {
    return BlockLimits.NONE;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    Ranges.check(name, size, offset, dst.byteSize());
    pause();
    dst.fill((byte) 0);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    change(offset, src.byteSize());
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    change(offset, length);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    change(offset, length);
  }

  @Override
  public void flush() {
    pause();
  }

  @Override
  public Extent extent(long offset, long length) throws IOException {
    Ranges.check(name, size, offset, length);
    return knownZero
        ? new Extent(offset, length, true, true, false, false, 0, OptionalLong.of(offset), name)
        : new Extent(offset, length, false, false, false, false, 0, OptionalLong.empty(), "");
  }

  @Override
  public void resize(long newSize, Preallocation preallocation) throws IOException {
    throw new UnsupportedFeatureException("Image format driver does not support resize");
  }

  @Override
  public void close() {}

  private void change(long offset, long length) throws IOException {
    Ranges.check(name, size, offset, length);
    if (readOnly) {
      throw new ReadOnlyNodeException(name);
    }
    pause();
  }

  private void pause() {
    long end = System.nanoTime() + latency.toNanos();
    for (long left = latency.toNanos();
        left > 0 && !Thread.currentThread().isInterrupted();
        left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }
}
