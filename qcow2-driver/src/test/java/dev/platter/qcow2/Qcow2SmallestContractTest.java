package dev.platter.qcow2;

import java.util.Map;

/** Many tables, narrow refcounts, and caches that hold next to nothing of them. */
class Qcow2SmallestContractTest extends Qcow2ContractTest {
  @Override
  public Map<String, String> createOptions() {
    return Map.of("cluster_size", "512", "refcount_bits", "2");
  }

  @Override
  public Map<String, String> openOptions() {
    return Map.of("l2-cache-size", "1k", "refcount-cache-size", "2k");
  }
}
