package dev.platter.qcow2;

import java.util.Map;

/** Clusters that are filled and zeroed in 32 parts. */
class Qcow2ExtendedContractTest extends Qcow2ContractTest {
  @Override
  public Map<String, String> createOptions() {
    return Map.of("extended_l2", "on", "cluster_size", "32k");
  }

  @Override
  public Map<String, String> openOptions() {
    return Map.of("l2-cache-entry-size", "512");
  }
}
