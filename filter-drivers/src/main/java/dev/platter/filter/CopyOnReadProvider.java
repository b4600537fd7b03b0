package dev.platter.filter;

import dev.platter.api.BlockNode;
import dev.platter.api.CompressingNode;
import dev.platter.api.PopulatingNode;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FilterOpening;
import dev.platter.api.driver.ForwardingNode;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionSchema;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Filter driver {@code copy-on-read}: what is read is copied into the image below it first. */
public final class CopyOnReadProvider implements FilterDriverProvider {
  /** For {@link java.util.ServiceLoader}. */
  public CopyOnReadProvider() {}

  @Override
  public String name() {
    return "copy-on-read";
  }

  @Override
  public String description() {
    return "Copies what is read from backing files into the image, so that it is read once.";
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.of();
  }

  @Override
  public BlockNode open(FilterOpening opening) throws IOException {
    if (opening.child().readOnly()) {
      throw new ReadOnlyNodeException(opening.child().name());
    }
    return new CopyOnReadNode(opening.nodeName(), opening.child());
  }

  private static final class CopyOnReadNode extends ForwardingNode implements CompressingNode {
    CopyOnReadNode(String name, BlockNode below) {
      super(name, below);
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
}
