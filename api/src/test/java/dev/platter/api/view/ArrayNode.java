package dev.platter.api.view;

import dev.platter.api.BlockLimits;
import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.Preallocation;
import dev.platter.api.Ranges;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A small node of a fixed size, for tests of what stands on top of nodes. */
final class ArrayNode implements BlockNode {
  byte[] bytes;
  int flushCount;
  int closeCount;

  ArrayNode(byte... bytes) {
    this.bytes = bytes;
  }

  @Override
  public String name() {
    return "array";
  }

  @Override
  public long size() {
    return bytes.length;
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
  public void read(long offset, MemorySegment dst) throws IOException {
    Ranges.check(name(), size(), offset, dst.byteSize());
    MemorySegment.copy(MemorySegment.ofArray(bytes), offset, dst, 0, dst.byteSize());
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    Ranges.check(name(), size(), offset, src.byteSize());
    MemorySegment.copy(src, 0, MemorySegment.ofArray(bytes), offset, src.byteSize());
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) {
    Arrays.fill(bytes, (int) offset, (int) (offset + length), (byte) 0);
  }

  @Override
  public void discard(long offset, long length) {}

  @Override
  public void flush() {
    flushCount++;
  }

  @Override
  public Extent extent(long offset, long length) {
    return Extent.data(offset, length, offset, name());
  }

  @Override
  public void resize(long newSize, Preallocation preallocation) {
    bytes = Arrays.copyOf(bytes, (int) newSize);
  }

  @Override
  public void close() {
    closeCount++;
  }
}
