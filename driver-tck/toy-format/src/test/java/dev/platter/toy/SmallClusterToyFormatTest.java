package dev.platter.toy;

import java.util.Map;

class SmallClusterToyFormatTest extends ToyFormatTest {
  @Override
  public Map<String, String> createOptions() {
    return Map.of("cluster_size", "512");
  }

  @Override
  public long hugeBytes() {
    return 1L << 31; // 2^22 clusters of 512 bytes: the most that a table has entries for
  }
}
