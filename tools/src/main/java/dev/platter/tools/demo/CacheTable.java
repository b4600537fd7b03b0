package dev.platter.tools.demo;

import dev.platter.conf.DriveSpec;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.Drive;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;
import dev.platter.harness.workload.Workload;
import dev.platter.harness.workload.WorkloadResult;
import dev.platter.harness.workload.WorkloadRunner;
import dev.platter.tools.OrderlyStop;
import dev.platter.tools.guest.LayerStats;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Random 4 KiB guest reads of the whole disk, for each size of the L2 cache: with tables kept as
 * they stand in the image, beside the published table for the same sizes, and with packed ones.
 */
final class CacheTable {
  /**
   * One size of the cache.
   *
   * @param cacheBytes {@code l2-cache-size} of each image of the chain
   * @param publishedIops what the published measurement had, on an SSD with QEMU 2.5
   * @param raw what was measured now with {@code l2-cache-form=raw}, as the published one was
   * @param packed what was measured now with packed tables
   */
  record Row(long cacheBytes, int publishedIops, Measured raw, Measured packed) {}

  /**
   * One run.
   *
   * @param meanMicros mean latency in microseconds
   * @param baseHitPercent look-ups of the base image's L2 cache that hit
   * @param heldBytes what the caches of the three images held in the end
   */
  record Measured(double iops, double meanMicros, double baseHitPercent, long heldBytes) {}

  private record Published(String size, long bytes, int iops) {}

  private static final List<Published> PUBLISHED =
      List.of(
          new Published("1M", 1024 << 10, 5_100),
          new Published("1536K", 1536 << 10, 7_300),
          new Published("2M", 2048 << 10, 12_700),
          new Published("2560K", 2560 << 10, 63_600));

  private final BlockRuntime runtime;
  private final DemoChain chain;
  private final long requestCount;

  CacheTable(BlockRuntime runtime, DemoChain chain, long requestCount) {
    this.runtime = runtime;
    this.chain = chain;
    this.requestCount = requestCount;
  }

  /**
   * Measures all sizes, after a round that warms up the machine and is not counted.
   *
   * @param progress is told what is measured next
   */
  List<Row> measure(Consumer<String> progress) throws IOException {
    progress.accept("warming up");
    row(PUBLISHED.getLast());
    List<Row> rows = new ArrayList<>();
    for (Published published : PUBLISHED) {
      progress.accept("random reads at l2-cache-size=" + published.size());
      rows.add(row(published));
    }
    return rows;
  }

  private Row row(Published published) throws IOException {
    Measured raw = run(published.size(), "raw");
    Measured packed = run(published.size(), "packed");
    return new Row(published.bytes(), published.iops(), raw, packed);
  }

  private Measured run(String size, String form) throws IOException {
    StringBuilder text = new StringBuilder("file=" + chain.path(2).replace(",", ",,"));
    for (String layer : List.of("", "backing.", "backing.backing.")) {
      text.append(",%sl2-cache-size=%s,%sl2-cache-form=%s".formatted(layer, size, layer, form));
    }
    text.append(",if=virtio");
    try (Drive drive = runtime.open(DriveSpec.parse(text.toString(), runtime.drivers()));
        MockGuest guest = MockGuest.create()) {
      MockBlkDriver driver = guest.plug(drive.device());
      Workload workload =
          Workload.of(
              Map.of("rw", "randread", "bs", "4k", "number_ios", Long.toString(requestCount)));
      WorkloadResult result = new WorkloadRunner(driver).run(workload);
      OrderlyStop.check();
      List<LayerStats> layers = LayerStats.of(drive.chain());
      return new Measured(
          result.iops(),
          result.reads().latencies().getMean() / 1000,
          hitPercent(layers.getLast()),
          layers.stream().mapToLong(LayerStats::heldBytes).sum());
    }
  }

  private static double hitPercent(LayerStats layer) {
    return layer.caches().stream()
        .filter(cache -> cache.name().equals("l2"))
        .mapToDouble(cache -> 100.0 * cache.hits() / Math.max(1, cache.hits() + cache.misses()))
        .findFirst()
        .orElse(0);
  }
}
