package dev.platter.tck.fake;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
import dev.platter.api.driver.ForwardingNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A node that passes requests on to another and lets a test do something just before: what happens
 * between a driver's answer and the transfer that uses it, without races and without sleeping.
 *
 * <p>A hook runs once, on the thread of the request that meets it, and may itself use the node.
 */
public final class HookedNode extends ForwardingNode {

  /** What to do before a request is passed on. */
  @FunctionalInterface
  public interface Hook {
    /** Runs before the request. */
    void run() throws IOException;
  }

  private final AtomicReference<Hook> beforeRead = new AtomicReference<>();
  private final AtomicReference<Hook> beforeWrite = new AtomicReference<>();
  private final AtomicReference<Hook> beforeDiscard = new AtomicReference<>();

  /** A node without hooks. {@code below} is closed with it. */
  public HookedNode(BlockNode below) {
    super(below.name(), below);
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
  public void read(long offset, MemorySegment dst) throws IOException {
    meet(beforeRead);
    below().read(offset, dst);
  }

  @Override
  public void read(long offset, IoVector dst) throws IOException {
    meet(beforeRead);
    below().read(offset, dst);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    meet(beforeWrite);
    below().write(offset, src);
  }

  @Override
  public void write(long offset, IoVector src) throws IOException {
    meet(beforeWrite);
    below().write(offset, src);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    meet(beforeDiscard);
    below().discard(offset, length);
  }

  @Override
  public void close() throws IOException {
    below().close();
  }

  private static void meet(AtomicReference<Hook> slot) throws IOException {
    Hook hook = slot.getAndSet(null);
    if (hook != null) {
      hook.run();
    }
  }
}
