package dev.platter.filter;

import dev.platter.api.BlockNode;
import dev.platter.api.CompressingNode;
import dev.platter.api.IoVector;
import dev.platter.api.Ranges;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.BlockClock;
import dev.platter.api.driver.ForwardingNode;
import dev.platter.api.driver.ThrottleGroup;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * Passes requests on when a throttle group lets them; flushes at once. Whoever drains the node
 * waits for those that wait.
 *
 * <p>Threads: any.
 */
final class ThrottleNode extends ForwardingNode implements CompressingNode {
  private final ThrottleGroup group;
  private final BlockClock clock;

  ThrottleNode(String name, BlockNode below, ThrottleGroup group, BlockClock clock) {
    super(name, below);
    this.group = group;
    this.clock = clock;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    group.admit(clock, false, dst.byteSize());
    below().read(offset, dst);
  }

  @Override
  public void read(long offset, IoVector dst) throws IOException {
    group.admit(clock, false, dst.byteSize());
    below().read(offset, dst);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    group.admit(clock, true, src.byteSize());
    below().write(offset, src);
  }

  @Override
  public void write(long offset, IoVector src) throws IOException {
    group.admit(clock, true, src.byteSize());
    below().write(offset, src);
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    group.admit(clock, true, length);
    below().writeZeroes(offset, length, mode);
  }

  @Override
  public void discard(long offset, long length) throws IOException {
    group.admit(clock, true, length);
    below().discard(offset, length);
  }

  @Override
  public boolean compresses() {
    return CompressingNode.of(below()).isPresent();
  }

  @Override
  public PreparedWrite prepareCompressed(long offset, MemorySegment src) throws IOException {
    Ranges.check(name(), size(), offset, src.byteSize());
    CompressingNode image =
        CompressingNode.of(below())
            .orElseThrow(() -> new UnsupportedFeatureException(name() + " is not compressed"));
    PreparedWrite prepared = image.prepareCompressed(offset, src);
    return () -> {
      group.admit(clock, true, src.byteSize());
      prepared.perform();
    };
  }
}
