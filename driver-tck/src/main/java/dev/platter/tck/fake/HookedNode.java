package dev.platter.tck.fake;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.GrowingNode;
import dev.platter.api.IoVector;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A node that passes requests on to another and lets a test do something just before: what happens
 * between a driver's answer and the transfer that uses it, without races and without sleeping.
 *
 * <p>A hook runs once, on the thread of the request that meets it, and may itself use the node.
 */
public final class HookedNode implements GrowingNode {

  /** What to do before a request is passed on. */
  @FunctionalInterface
  public interface Hook {
    /** Runs before the request. */
    void run() throws IOException;
  }

  private final BlockNode below;
  private final AtomicReference<Hook> beforeRead = new AtomicReference<>();
  private final AtomicReference<Hook> beforeWrite = new AtomicReference<>();
  private final AtomicReference<Hook> beforeDiscard = new AtomicReference<>();

  /** A node without hooks. {@code below} is closed with it. */
  public HookedNode(BlockNode below) {
    this.below = below;
  }

  /** Runs a hook before the next read is passed on. */
  public void beforeNextRead(Hook hook) {
    beforeRead.set(hook);
  }

  /** Runs a hook before the next write is passed on. */
  public void beforeNextWrite(Hook hook) {
    beforeWrite.set(hook);
  }

  /** Runs a hook before the next discard is passed on. */
  public void beforeNextDiscard(Hook hook) {
    beforeDiscard.set(hook);
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
  public void read(long offset, MemorySegment dst) throws IOException {
    meet(beforeRead);
    below.read(offset, dst);
  }

  @Override
  public void read(long offset, IoVector dst) throws IOException {
    meet(beforeRead);
    below.read(offset, dst);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    meet(beforeWrite);
    below.write(offset, src);
  }

  @Override
  public void write(long offset, IoVector src) throws IOException {
    meet(beforeWrite);
    below.write(offset, src);
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    below.writeZeroes(offset, length, mode);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    meet(beforeDiscard);
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

  private static void meet(AtomicReference<Hook> slot) throws IOException {
    Hook hook = slot.getAndSet(null);
    if (hook != null) {
      hook.run();
    }
  }
}
