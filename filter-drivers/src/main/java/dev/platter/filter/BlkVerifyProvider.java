package dev.platter.filter;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.FilterOpening;
import dev.platter.api.option.OptionSchema;
import java.util.Set;

/** Filter driver {@code blkverify}: an image beside a raw copy that it is compared with. */
public final class BlkVerifyProvider implements FilterDriverProvider {
  private static final String RAW = "raw";
  private static final String TEST = "test";

  /** For {@link java.util.ServiceLoader}. */
  public BlkVerifyProvider() {}

  @Override
  public String name() {
    return "blkverify";
  }

  @Override
  public String description() {
    return "Sends requests to an image and to a raw copy; a read of which they differ fails.";
  }

  @Override
  public OptionSchema options() {
    return OptionSchema.empty();
  }

  @Override
  public Set<String> childRoles() {
    return Set.of(RAW, TEST);
  }

  @Override
  public String inputRole() {
    return RAW;
  }

  @Override
  public boolean probes(String role) {
    return role.equals(TEST);
  }

  @Override
  public boolean standsForProtocol() {
    return true;
  }

  @Override
  public BlockNode open(FilterOpening opening) {
    return new BlkVerifyNode(opening.nodeName(), opening.child(), opening.children().get(TEST));
  }
}
