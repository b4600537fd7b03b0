package dev.platter.qcow2;

import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.tck.Capability;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import dev.platter.tck.format.CrashContract;
import dev.platter.tck.format.FaultContract;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Faults and power cuts where refcounts are postponed. */
class Qcow2LazyContractTest implements CrashContract, FaultContract {
  @Override
  public FormatDriverProvider provider() {
    return new Qcow2DriverProvider();
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  @Override
  public Map<String, String> createOptions() {
    return Map.of("lazy_refcounts", "on", "cluster_size", "4k");
  }

  /** Refcounts of a dirty image are right once it was opened for writing. */
  @Override
  public void checkImage(MemoryNode image, boolean mayLeak) throws IOException {
    provider().open(TestOpening.of(image.reopen())).close();
    CrashContract.super.checkImage(image, mayLeak);
  }
}
