package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Moves bytes to and from a single segment. */
enum SegmentTransfer implements Transfer<MemorySegment> {
  INSTANCE;

  @Override
  public void read(BlockNode node, long offset, MemorySegment memory, long at, long length)
      throws IOException {
    node.read(offset, part(memory, at, length));
  }

  @Override
  public void write(BlockNode node, long offset, MemorySegment memory, long at, long length)
      throws IOException {
    node.write(offset, part(memory, at, length));
  }

  @Override
  public void readEncoded(
      FormatDriver driver,
      Mapping.Encoded encoded,
      long guestOffset,
      MemorySegment memory,
      long at,
      long length)
      throws IOException {
    driver.readEncoded(encoded, guestOffset, part(memory, at, length));
  }

  @Override
  public void zero(MemorySegment memory, long at, long length) {
    part(memory, at, length).fill((byte) 0);
  }

  @Override
  public List<MemorySegment> segments(MemorySegment memory, long at, long length) {
    return List.of(part(memory, at, length));
  }

  /** The bytes {@code [at, at + length)} of some memory. */
  static MemorySegment part(MemorySegment memory, long at, long length) {
    return length == memory.byteSize() ? memory : memory.asSlice(at, length);
  }
}
