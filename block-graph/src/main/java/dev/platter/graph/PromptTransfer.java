package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.PromptNode;
import dev.platter.api.Ranges;
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

  /** Reads through a chain; false if that would wait. The caller is counted in at the top. */
  static boolean read(FormatNode top, long offset, MemorySegment dst) throws IOException {
    Ranges.check(top.name(), top.size(), offset, dst.byteSize());
    try {
      ChainReader.read(INSTANCE, top, offset, dst, 0, dst.byteSize());
      return true;
    } catch (WouldWait e) {
      return false;
    }
  }

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
  public boolean mayWalk() {
    return false;
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
