package dev.platter.tools.guest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.platter.api.driver.CachedFormat.CacheStats;
import java.util.List;
import java.util.Locale;

/** The caches of a chain, as a table for people and as JSON. */
final class StatsText {
  private static final String ROW = "  %-24s %-9s %10s %10s %8s %8s %8s %8s %8s %10s %9s%n";

  private StatsText() {}

  static String table(List<LayerStats> layers) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            ROW,
            "image",
            "cache",
            "held",
            "capacity",
            "hits",
            "misses",
            "hit %",
            "evicted",
            "written",
            "covers",
            "per GiB"));
    for (LayerStats layer : layers) {
      if (layer.caches().isEmpty()) {
        text.append(String.format(Locale.ROOT, "  %-24s %-9s%n", name(layer), "none"));
      }
      for (CacheStats cache : layer.caches()) {
        text.append(
            String.format(
                Locale.ROOT,
                ROW,
                name(layer),
                cache.name(),
                kib(cache.heldBytes()),
                kib(cache.capacityBytes()),
                cache.hits(),
                cache.misses(),
                share(cache),
                cache.evictions(),
                cache.writeBacks(),
                mib(cache.coveredBytes()),
                kib(Math.round(cache.bytesPerCoveredGib()))));
      }
    }
    return text.toString();
  }

  static ArrayNode json(List<LayerStats> layers) {
    ArrayNode array = JsonNodeFactory.instance.arrayNode();
    for (LayerStats layer : layers) {
      ObjectNode object = array.addObject();
      object.put("depth", layer.depth());
      object.put("image", layer.imageName());
      object.put("format", layer.format());
      object.put("held-bytes", layer.heldBytes());
      ArrayNode caches = object.putArray("caches");
      layer.caches().forEach(cache -> fill(caches.addObject(), cache));
    }
    return array;
  }

  private static void fill(ObjectNode object, CacheStats cache) {
    object.put("name", cache.name());
    object.put("capacity-bytes", cache.capacityBytes());
    object.put("held-bytes", cache.heldBytes());
    object.put("entry-bytes", cache.entryBytes());
    object.put("entries", cache.entries());
    object.put("dirty-entries", cache.dirtyEntries());
    object.put("hits", cache.hits());
    object.put("misses", cache.misses());
    object.put("evictions", cache.evictions());
    object.put("write-backs", cache.writeBacks());
    object.put("cleaned", cache.cleaned());
    object.put("covered-bytes", cache.coveredBytes());
    object.put("bytes-per-covered-gib", Math.round(cache.bytesPerCoveredGib()));
  }

  private static String name(LayerStats layer) {
    String name = layer.imageName();
    return name.length() <= 24 ? name : "…" + name.substring(name.length() - 23);
  }

  private static String kib(long bytes) {
    return String.format(Locale.ROOT, "%d KiB", (bytes + 1023) / 1024);
  }

  private static String mib(long bytes) {
    return String.format(Locale.ROOT, "%d MiB", bytes >> 20);
  }

  private static String share(CacheStats cache) {
    long all = cache.hits() + cache.misses();
    return all == 0 ? "-" : String.format(Locale.ROOT, "%.1f", 100.0 * cache.hits() / all);
  }
}
