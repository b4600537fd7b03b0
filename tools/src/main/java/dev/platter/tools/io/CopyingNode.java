package dev.platter.tools.io;

import dev.platter.api.BlockNode;
import dev.platter.api.PopulatingNode;
import dev.platter.api.driver.ForwardingNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** An image that takes over what is read from those below it. */
final class CopyingNode extends ForwardingNode {
  CopyingNode(BlockNode image) {
    super(image.name(), image);
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    if (below() instanceof PopulatingNode image) {
      image.populate(offset, dst.byteSize());
    }
    super.read(offset, dst);
  }
}
