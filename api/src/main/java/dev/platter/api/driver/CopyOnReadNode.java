package dev.platter.api.driver;

import dev.platter.api.BlockNode;
import dev.platter.api.CompressingNode;
import dev.platter.api.Extent;
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
  private final int bottomDepth;

  /**
   * @param name the filter's own name
   * @param image where reads go; only a {@link PopulatingNode} takes anything over
   */
  public CopyOnReadNode(String name, BlockNode image) {
    this(name, image, Integer.MAX_VALUE);
  }

  /**
   * A filter that takes over what the upper images of a chain hold, and leaves the rest below.
   *
   * @param bottomDepth the lowest of them: 0 is the image itself, 1 its backing file
   */
  public CopyOnReadNode(String name, BlockNode image, int bottomDepth) {
    super(name, image);
    this.bottomDepth = bottomDepth;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    if (below() instanceof PopulatingNode image) {
      populate(image, offset, dst.byteSize());
    }
    super.read(offset, dst);
  }

  private void populate(PopulatingNode image, long offset, long length) throws IOException {
    if (bottomDepth == Integer.MAX_VALUE) {
      image.populate(offset, length);
      return;
    }
    long at = offset;
    while (at < offset + length) {
      Extent extent = image.extent(at, offset + length - at);
      if (extent.present() && extent.depth() <= bottomDepth) {
        image.populate(at, extent.length());
      }
      at += extent.length();
    }
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
