package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.PromptNode;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.Mapping;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Reads what the host has in memory, and throws {@link WouldWait} for everything else: also for
 * what would take a processor long, such as to decompress or to decrypt.
 */
enum PromptTransfer implements Transfer<MemorySegment> {
  INSTANCE;

  @Override
  public void read(BlockNode node, long offset, MemorySegment memory, long at, long length)
      throws IOException {
    MemorySegment part = SegmentTransfer.part(memory, at, length);
    if (!(node instanceof PromptNode prompt) || !prompt.readPromptly(offset, part)) {
      throw new WouldWait();
    }
  }

  @Override
  public void write(BlockNode node, long offset, MemorySegment memory, long at, long length) {
    throw new UnsupportedOperationException("only reads are done promptly");
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
    throw new WouldWait();
  }

  @Override
  public void zero(MemorySegment memory, long at, long length) {
    SegmentTransfer.INSTANCE.zero(memory, at, length);
  }

  @Override
  public List<MemorySegment> segments(MemorySegment memory, long at, long length)
      throws IOException {
    throw new WouldWait(); // asked for by what decrypts
  }
}
