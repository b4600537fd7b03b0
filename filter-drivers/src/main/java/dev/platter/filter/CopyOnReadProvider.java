package dev.platter.filter;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.CopyOnReadNode;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FilterOpening;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import java.io.IOException;
import java.util.Optional;

/** Filter driver {@code copy-on-read}: what is read is copied into the image below it first. */
public final class CopyOnReadProvider implements FilterDriverProvider {
  private static final Option<String> BOTTOM =
      Option.text("bottom")
          .defaultText("the chain's base")
          .doc("The lowest image from which is copied, by its node's name.")
          .since("6.0")
          .build();

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
    return OptionSchema.of(BOTTOM);
  }

  @Override
  public BlockNode open(FilterOpening opening) throws IOException {
    if (opening.child().readOnly()) {
      throw new ReadOnlyNodeException(opening.child().name());
    }
    Optional<String> bottom = opening.options().given(BOTTOM);
    return bottom.isEmpty()
        ? new CopyOnReadNode(opening.nodeName(), opening.child())
        : new CopyOnReadNode(opening.nodeName(), opening.child(), depth(bottom.get(), opening));
  }

  private static int depth(String bottom, FilterOpening opening) throws OptionException {
    int depth = opening.chain().indexOf(bottom);
    if (depth < 0) {
      String words =
          bottom.equals(opening.nodeName())
              ? "Bottom node '%s' is a filter"
              : "Bottom node '%s' not found";
      throw new OptionException(OptionProblem.of(BOTTOM.name(), words.formatted(bottom)));
    }
    return depth;
  }
}
