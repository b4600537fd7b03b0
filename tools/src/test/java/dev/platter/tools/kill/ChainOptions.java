package dev.platter.tools.kill;

import dev.platter.api.option.OptionValue;
import java.util.List;
import java.util.Random;

/**
 * How the images of a chain are made and opened.
 *
 * @param clusterSize as creation options have it
 * @param l2CacheSize as options of a node have it: small ones are written back between flushes
 * @param lazyRefcounts whether refcounts are written late, and rebuilt after a kill
 */
record ChainOptions(String clusterSize, String l2CacheSize, boolean lazyRefcounts) {
  private static final List<String> CLUSTER_SIZES = List.of("512", "4k", "16k", "64k");

  /** Options drawn from a seed. */
  static ChainOptions of(long seed) {
    Random random = new Random(seed);
    String clusterSize = CLUSTER_SIZES.get(random.nextInt(CLUSTER_SIZES.size()));
    boolean small = random.nextBoolean();
    return new ChainOptions(clusterSize, small ? "128k" : "1M", random.nextInt(3) == 0);
  }

  static ChainOptions parse(String text) {
    String[] words = text.split(",", 3);
    return new ChainOptions(words[0], words[1], Boolean.parseBoolean(words[2]));
  }

  OptionValue clusterSizeValue() {
    return OptionValue.of(clusterSize);
  }

  /** The text that {@link #parse} reads. */
  String text() {
    return clusterSize + "," + l2CacheSize + "," + lazyRefcounts;
  }
}
