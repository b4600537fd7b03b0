package dev.platter.harness.workload;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.ForwardingNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** A disk that writes its fourth block where its third belongs. */
final class MisplacingNode extends ForwardingNode {
  private static final int BLOCK_BYTES = 4096;

  MisplacingNode(BlockNode below) {
    super(below.name(), below);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    super.write(offset == 3 * BLOCK_BYTES ? 2 * BLOCK_BYTES : offset, src);
  }
}
