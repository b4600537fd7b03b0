package dev.platter.graph;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.GrowingNode;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** A node whose next read or write stops halfway, until it is told to go on. */
final class SlowNode implements GrowingNode {
  private final BlockNode below;
  private final AtomicBoolean stop = new AtomicBoolean();
  private volatile CountDownLatch stopped = new CountDownLatch(1);
  private volatile CountDownLatch going = new CountDownLatch(1);

  SlowNode(BlockNode below) {
    this.below = below;
  }

  /** Stops the next read or write. */
  void stopNext() {
    stopped = new CountDownLatch(1);
    going = new CountDownLatch(1);
    stop.set(true);
  }

  void awaitStopped() throws InterruptedException {
    stopped.await();
  }

  void goOn() {
    going.countDown();
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    pause();
    below.read(offset, dst);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    pause();
    below.write(offset, src);
  }

  private void pause() {
    if (stop.getAndSet(false)) {
      stopped.countDown();
      try {
        going.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public String name() {
    return below.name();
  }

  @Override
  public long size() {
    return below.size();
  }

  @Override
  public boolean readOnly() {
    return below.readOnly();
  }

  @Override
  public BlockLimits limits() {
    return below.limits();
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    below.writeZeroes(offset, length, mode);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    below.discard(offset, length);
  }

  @Override
  public void flush() throws IOException {
    below.flush();
  }

  @Override
  public Extent extent(long offset, long length) throws IOException {
    return below.extent(offset, length);
  }

  @Override
  public void resize(long newSize, Preallocation preallocation) throws IOException {
    below.resize(newSize, preallocation);
  }

  @Override
  public void close() throws IOException {
    below.close();
  }
}
