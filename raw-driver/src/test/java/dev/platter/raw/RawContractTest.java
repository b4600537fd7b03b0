package dev.platter.raw;

import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.tck.Capability;
import dev.platter.tck.format.FormatDriverContract;
import java.util.Set;

class RawContractTest extends FormatDriverContract {
  @Override
  public FormatDriverProvider provider() {
    return new RawDriverProvider();
  }

  @Override
  public Set<Capability> capabilities() {
    return Set.of(Capability.WRITE, Capability.GROW, Capability.SHRINK);
  }
}
