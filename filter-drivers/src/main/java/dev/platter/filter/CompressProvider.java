package dev.platter.filter;

import dev.platter.api.BlockNode;
import dev.platter.api.CompressingNode;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FilterOpening;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionSchema;
import java.io.IOException;

/** Filter driver {@code compress}: what is written becomes compressed in the image below it. */
public final class CompressProvider implements FilterDriverProvider {
  /** For {@link java.util.ServiceLoader}. */
  public CompressProvider() {}

  @Override
  public String name() {
    return "compress";
  }

  @Override
  public String description() {
    return "Writes are compressed; each part of the image can be written once.";
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.empty();
  }

  /**
   * {@inheritDoc}
   *
   * @throws UnsupportedFeatureException if the node below cannot write compressed
   */
  @Override
  public BlockNode open(FilterOpening opening) throws IOException {
    CompressingNode image =
        CompressingNode.of(opening.child())
            .orElseThrow(
                () ->
                    new UnsupportedFeatureException(
                        "Compression is not supported for underlying format"));
    return new CompressNode(opening.nodeName(), image);
  }
}
