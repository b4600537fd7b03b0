package dev.platter.filter;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.CopyOnReadNode;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FilterOpening;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.option.OptionSchema;
import java.io.IOException;

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
}
