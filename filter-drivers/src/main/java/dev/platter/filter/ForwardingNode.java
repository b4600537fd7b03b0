package dev.platter.filter;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.GrowingNode;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.DebugEvents;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A filter that passes every request on; each kind of filter overrides what it does something
 * about. It grows if the node below does.
 */
class ForwardingNode implements GrowingNode, DebugEvents {
  private final String name;
  private final BlockNode below;
  private final DebugEvents eventsBelow;

  /**
   * @param below borrowed
   */
  ForwardingNode(String name, BlockNode below) {
    this.name = name;
    this.below = below;
    this.eventsBelow = DebugEvents.of(below);
  }

  final BlockNode below() {
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

  @Override
  public void close() throws IOException {}
}
