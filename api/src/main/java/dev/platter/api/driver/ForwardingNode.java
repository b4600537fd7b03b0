package dev.platter.api.driver;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.FilterNode;
import dev.platter.api.GrowingNode;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * A filter that passes every request on; a subclass overrides the requests that it does something
 * about.
 *
 * <p>It grows if the node below does, and announces what it is told to the node below. A vector
 * becomes a request for each of its segments; a filter that is to pass vectors on whole overrides
 * those two methods as well.
 *
 * <p>Threads: any number, as the node below allows.
 */
public abstract class ForwardingNode implements GrowingNode, FilterNode, DebugEvents {
  private final String name;
  private final BlockNode below;
  private final DebugEvents eventsBelow;

  /**
   * A filter over a node.
   *
   * @param name never empty
   * @param below borrowed: {@link #close} leaves it open
   */
  protected ForwardingNode(String name, BlockNode below) {
    this.name = Objects.requireNonNull(name, "name");
    this.below = Objects.requireNonNull(below, "below");
    this.eventsBelow = DebugEvents.of(below);
  }

  @Override
  public final BlockNode below() {
    return below;
  }

  @Override
  public final String name() {
    return name;
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
    below.read(offset, dst);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    below.write(offset, src);
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
  public void announce(String event) throws IOException {
    eventsBelow.announce(event);
  }

  /** Does nothing: the node below belongs to whoever opened it. */
  @Override
  public void close() throws IOException {}
}
