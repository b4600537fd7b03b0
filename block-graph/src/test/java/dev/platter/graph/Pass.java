package dev.platter.graph;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A filter that does nothing. */
record Pass(String name, BlockNode below) implements BlockNode {
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
  public void close() {}
}
