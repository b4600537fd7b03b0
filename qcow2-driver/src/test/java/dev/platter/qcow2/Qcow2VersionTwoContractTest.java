package dev.platter.qcow2;

import java.util.Map;

/** Version 2 cannot say that a cluster is zeros. */
class Qcow2VersionTwoContractTest extends Qcow2ContractTest {
  @Override
  public Map<String, String> createOptions() {
    return Map.of("compat", "0.10", "cluster_size", "4k");
  }
}
