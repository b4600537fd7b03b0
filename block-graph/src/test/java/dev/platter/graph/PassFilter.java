package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FilterOpening;
import dev.platter.api.option.OptionSchema;

/** Filter driver {@code pass}: passes everything on. */
final class PassFilter implements FilterDriverProvider {
  @Override
  public String name() {
    return "pass";
  }

  @Override
  public String description() {
    return "Passes everything on.";
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.empty();
  }

  @Override
  public BlockNode open(FilterOpening opening) {
    return new Pass(opening.nodeName(), opening.child());
  }
}
