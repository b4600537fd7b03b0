package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.ForwardingNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** A node whose next read or write stops halfway, until it is told to go on. */
final class SlowNode extends ForwardingNode {
  private final AtomicBoolean stop = new AtomicBoolean();
  private volatile CountDownLatch stopped = new CountDownLatch(1);
  private volatile CountDownLatch going = new CountDownLatch(1);

  SlowNode(BlockNode below) {
    super(below.name(), below);
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
    below().read(offset, dst);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    pause();
    below().write(offset, src);
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
  public void close() throws IOException {
    below().close();
  }
}
