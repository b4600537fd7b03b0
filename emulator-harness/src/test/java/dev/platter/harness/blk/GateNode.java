package dev.platter.harness.blk;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;

/** A disk of ones whose reads wait until a test lets them go. */
final class GateNode implements BlockNode {
  final CountDownLatch reading = new CountDownLatch(1);
  final CountDownLatch go = new CountDownLatch(1);

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    reading.countDown();
    try {
      go.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    dst.fill((byte) 1);
  }

  @Override
  public String name() {
    return "gate";
  }

  @Override
  public long size() {
    return 1 << 20;
  }

  @Override
  public boolean readOnly() {
    return false;
  }

  @Override
  public BlockLimits limits() {
    return BlockLimits.NONE;
  }

  @Override
  public void write(long offset, MemorySegment src) {}

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) {}

  @Override
  public void discard(long offset, long length) {}

  @Override
  public void flush() {}

  @Override
  public Extent extent(long offset, long length) {
    return Extent.absent(offset, length);
  }

  @Override
  public void close() {}
}
