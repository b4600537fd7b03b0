package dev.platter.filter;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FilterOpening;
import dev.platter.api.driver.ThrottleGroup;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.Option;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionSchema;
import java.io.IOException;

/** Filter driver {@code throttle}: requests wait until the limits of a group let them go on. */
public final class ThrottleProvider implements FilterDriverProvider {
  private static final Option<String> GROUP =
      Option.text("throttle-group")
          .doc("The throttle group whose limits hold, and are shared with its other members.")
          .since("2.11")
          .build();

  /** For {@link java.util.ServiceLoader}. */
  public ThrottleProvider() {}

  @Override
  public String name() {
    return "throttle";
  }

  @Override
  public String description() {
    return "Requests are no faster, and no more, than a throttle group allows.";
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.of(GROUP);
  }

  @Override
  public BlockNode open(FilterOpening opening) throws IOException {
    String id =
        opening
            .options()
            .given(GROUP)
            .orElseThrow(() -> problem("Please specify a throttle group"));
    ThrottleGroup group =
        opening
            .environment()
            .throttleGroups()
            .find(id)
            .orElseThrow(() -> problem("Throttle group '%s' does not exist".formatted(id)));
    return new ThrottleNode(
        opening.nodeName(), opening.child(), group, opening.environment().clock());
  }

  private static OptionException problem(String message) {
    return new OptionException(OptionProblem.of(GROUP.name(), message));
  }
}
