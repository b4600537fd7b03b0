package dev.platter.harness.workload;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A disk that writes its fourth block where its third belongs. */
record MisplacingNode(BlockNode below) implements BlockNode {
  private static final int BLOCK_BYTES = 4096;

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    below.write(offset == 3 * BLOCK_BYTES ? 2 * BLOCK_BYTES : offset, src);
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
    return false;
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
  public void close() throws IOException {
    below.close();
  }
}
