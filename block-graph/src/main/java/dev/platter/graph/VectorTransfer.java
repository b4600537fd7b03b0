package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Moves bytes to and from several segments. */
enum VectorTransfer implements Transfer<IoVector> {
  INSTANCE;

  @Override
  public void read(BlockNode node, long offset, IoVector memory, long at, long length)
      throws IOException {
    node.read(offset, memory.slice(at, length));
  }

  @Override
  public void write(BlockNode node, long offset, IoVector memory, long at, long length)
      throws IOException {
    node.write(offset, memory.slice(at, length));
  }

  @Override
  public void readEncoded(
      FormatDriver driver,
      Mapping.Encoded encoded,
      long guestOffset,
      IoVector memory,
      long at,
      long length)
      throws IOException {
    long guest = guestOffset;
    for (MemorySegment segment : memory.slice(at, length).segments()) {
      driver.readEncoded(encoded, guest, segment);
      guest += segment.byteSize();
    }
  }

  @Override
  public void zero(IoVector memory, long at, long length) {
    for (MemorySegment segment : memory.slice(at, length).segments()) {
      segment.fill((byte) 0);
    }
  }

  @Override
  public List<MemorySegment> segments(IoVector memory, long at, long length) {
    return memory.slice(at, length).segments();
  }
}
