package dev.platter.tools.demo;

import dev.platter.api.BlockNode;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import dev.platter.conf.DriveParser;
import dev.platter.conf.DriveSpec;
import dev.platter.graph.DriverRegistry;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.Drive;
import dev.platter.harness.RuntimeSettings;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;
import dev.platter.harness.workload.Workload;
import dev.platter.harness.workload.WorkloadRunner;
import dev.platter.tools.OrderlyStop;
import dev.platter.tools.guest.LayerStats;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the caches of a chain hold while a guest's work moves up it.
 *
 * <p>The guest reads and writes the same blocks all over the disk again and again. Each layer that
 * answers fills its cache; when the layer above takes over, nobody needs that memory any more, and
 * only {@code cache-clean-interval} gives it back.
 */
final class MemoryStory {
  /**
   * A moment of the story.
   *
   * @param what what has just happened
   * @param heldBytes what the caches of hd0, hd1 and hd2 hold, in this order
   */
  record Step(String what, List<Long> heldBytes) {
    Step {
      heldBytes = List.copyOf(heldBytes);
    }

    long totalBytes() {
      return heldBytes.stream().mapToLong(Long::longValue).sum();
    }
  }

  private static final Duration CLEAN_INTERVAL = Duration.ofMinutes(15);
  private static final String CACHE_SIZE = "2560K";
  private static final String INTERVAL_SECONDS = Long.toString(CLEAN_INTERVAL.toSeconds());

  private final DemoChain chain;
  private final FastClock clock = new FastClock();
  private final List<Step> steps = new ArrayList<>();

  MemoryStory(DemoChain chain) {
    this.chain = chain;
  }

  /** Plays it, on images of which the overlays are empty. */
  List<Step> play() throws IOException {
    DriverRegistry drivers = DriverRegistry.discover();
    try (BlockRuntime runtime =
            BlockRuntime.create(drivers, new DriveParser(drivers), clock, RuntimeSettings.DEFAULT);
        Drive drive = runtime.open(lowerLayers(runtime));
        MockGuest guest = MockGuest.create()) {
      MockBlkDriver driver = guest.plug(drive.device());
      step("hd1 opened, on hd0", drive);
      work(driver, "randread");
      step("reads: hd0 answers", drive);
      work(driver, "randwrite");
      step("writes: hd1 takes over", drive);
      runtime.graph().snapshot(drive.backend(), top());
      work(driver, "randread");
      step("live snapshot hd2; reads: hd1 answers", drive);
      work(driver, "randwrite");
      step("writes: hd2 takes over", drive);
      clock.pass(CLEAN_INTERVAL);
      work(driver, "randread");
      step("a clean interval passes, with reads: hd2 answers", drive);
      clock.pass(CLEAN_INTERVAL);
      step("another clean interval passes", drive);
    }
    return List.copyOf(steps);
  }

  private DriveSpec lowerLayers(BlockRuntime runtime) throws IOException {
    return DriveSpec.parse(
        "file=%s,if=virtio,l2-cache-size=%s,cache-clean-interval=%s,backing.l2-cache-size=%s,backing.cache-clean-interval=%s"
            .formatted(
                chain.path(1).replace(",", ",,"),
                CACHE_SIZE,
                INTERVAL_SECONDS,
                CACHE_SIZE,
                INTERVAL_SECONDS),
        runtime.drivers());
  }

  private NodeSpec top() {
    return NodeSpec.of("qcow2")
        .with("l2-cache-size", CACHE_SIZE)
        .with("cache-clean-interval", INTERVAL_SECONDS)
        .withChild("file", NodeSpec.file(chain.path(2)))
        .withChild("backing", new ChildSpec.None());
  }

  /** The same 64 KiB blocks each time: a seed fixes their order. */
  private static void work(MockBlkDriver driver, String pattern) throws IOException {
    Map<String, String> options = Map.of("rw", pattern, "bs", "64k", "number_ios", "1600");
    new WorkloadRunner(driver).run(Workload.of(options));
    OrderlyStop.check();
  }

  private void step(String what, Drive drive) {
    List<BlockNode> chainNow = drive.chain();
    List<Long> held = new ArrayList<>();
    LayerStats.of(chainNow).reversed().forEach(layer -> held.add(layer.heldBytes()));
    while (held.size() < DemoChain.IMAGE_NAMES.size()) {
      held.add(0L);
    }
    steps.add(new Step(what, held));
  }
}
