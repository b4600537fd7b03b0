package dev.platter.tools.guest;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.CachedFormat;
import dev.platter.api.driver.CachedFormat.CacheStats;
import dev.platter.graph.FormatNode;
import java.util.ArrayList;
import java.util.List;

/**
 * What one image of a chain keeps in memory, and what its caches did.
 *
 * @param depth 0 for the image on top, 1 for its backing file, and so on
 * @param imageName the image's file as it was named
 * @param format the driver that opened it
 * @param caches the counters of its caches; none if its format has no caches
 */
public record LayerStats(int depth, String imageName, String format, List<CacheStats> caches) {

  public LayerStats {
    caches = List.copyOf(caches);
  }

  /** The layers of a chain, from the top down, as they are now. */
  public static List<LayerStats> of(List<BlockNode> chain) {
    List<LayerStats> layers = new ArrayList<>();
    for (BlockNode node : chain) {
      int depth = layers.size();
      if (node instanceof FormatNode image) {
        List<CacheStats> caches =
            image.driver() instanceof CachedFormat cached ? cached.cacheStats() : List.of();
        layers.add(new LayerStats(depth, image.imageName(), image.driverName(), caches));
      } else {
        layers.add(new LayerStats(depth, node.name(), "", List.of()));
      }
    }
    return layers;
  }

  /** Bytes that its caches hold together. */
  public long heldBytes() {
    return caches.stream().mapToLong(CacheStats::heldBytes).sum();
  }
}
