package dev.platter.api.driver;

import dev.platter.api.BlockNode;
import dev.platter.api.CompressingNode;
import dev.platter.api.PopulatingNode;
import dev.platter.api.error.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/**
 * A filter above an image that takes over what is read from those below it: filter driver {@code
 * copy-on-read}, and {@code io -C}.
 *
 * <p>Threads: any, as {@link BlockNode}.
 */
public final class CopyOnReadNode extends ForwardingNode implements CompressingNode {
  /**
   * @param name the filter's own name
   * @param image where reads go; only a {@link PopulatingNode} takes anything over
   */
  public CopyOnReadNode(String name, BlockNode image) {
    super(name, image);
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
