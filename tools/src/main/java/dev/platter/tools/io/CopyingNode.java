package dev.platter.tools.io;

import dev.platter.api.BlockNode;
import dev.platter.api.CompressingNode;
import dev.platter.api.PopulatingNode;
import dev.platter.api.driver.ForwardingNode;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** An image that takes over what is read from those below it. */
final class CopyingNode extends ForwardingNode implements CompressingNode {
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

  @Override
  public boolean compresses() {
    return CompressingNode.of(below()).isPresent();
  }

  @Override
  public PreparedWrite prepareCompressed(long offset, MemorySegment src) throws IOException {
    return CompressingNode.of(below())
        .orElseThrow(() -> new UnsupportedFeatureException(name() + " is not compressed"))
        .prepareCompressed(offset, src);
  }
}
