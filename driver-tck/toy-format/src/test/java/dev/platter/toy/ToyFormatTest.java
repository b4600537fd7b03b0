package dev.platter.toy;

import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.tck.Capability;
import dev.platter.tck.format.FormatDriverContract;
import java.util.Set;

class ToyFormatTest extends FormatDriverContract {
  @Override
  public FormatDriverProvider provider() {
    return new ToyDriverProvider();
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.WRITE, Capability.BACKING, Capability.PROBE);
  }
}
