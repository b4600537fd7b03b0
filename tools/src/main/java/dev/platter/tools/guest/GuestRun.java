package dev.platter.tools.guest;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.platter.api.Ranges;
import dev.platter.api.driver.OpenGate;
import dev.platter.api.error.OptionException;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.Drive;
import dev.platter.harness.NamedObjects;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;
import dev.platter.harness.workload.Progress;
import dev.platter.harness.workload.Workload;
import dev.platter.harness.workload.WorkloadResult;
import dev.platter.harness.workload.WorkloadRunner;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.OrderlyStop;
import dev.platter.tools.Terminal;
import dev.platter.tools.image.UserObjects;
import dev.platter.tools.site.Site;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** One run of a workload on a drive. */
final class GuestRun {
  private static final long SPARE_GUEST_BYTES = 16L << 20;
  private static final long GUEST_PAGE_BYTES = 4096;
  private static final int QUEUE_SIZE = 256;
  private static final Duration PROGRESS_INTERVAL = Duration.ofMillis(500);

  private final String drive;
  private final GuestOptions given;
  private final Workload workload;
  private final int queueCount;
  private final Optional<OpenGate> gate;
  private final List<String> objects;
  private final boolean stats;
  private final boolean json;

  /**
   * @param given what {@code workload} was read from
   * @param gate decides about files that images name; empty for the site's
   * @param objects what the drive names, each as {@code --object} takes it
   */
  GuestRun(
      String drive,
      GuestOptions given,
      Workload workload,
      int queueCount,
      Optional<OpenGate> gate,
      List<String> objects,
      boolean stats,
      boolean json) {
    this.drive = drive;
    this.given = given;
    this.workload = workload;
    this.queueCount = queueCount;
    this.gate = gate;
    this.objects = objects;
    this.stats = stats;
    this.json = json;
  }

  /**
   * Opens the drive, runs the workload and prints what came of it. Told to stop, it prints what has
   * been done until then.
   *
   * @return 0; 1 if a request failed or verification found something
   */
  int perform(Terminal terminal) throws IOException, CommandFailure {
    long memoryBytes =
        Ranges.alignUp(workload.guestMemoryBytes() + SPARE_GUEST_BYTES, GUEST_PAGE_BYTES);
    BlkOptions options = BlkOptions.builder().queues(queueCount, QUEUE_SIZE).build();
    Site site = Site.load(terminal);
    Pauses pauses = new Pauses(terminal);
    try (OrderlyStop _ = OrderlyStop.begin();
        UserObjects named = UserObjects.parse(objects);
        BlockRuntime runtime = site.runtime(gate, new NamedObjects(named, named.throttleGroups()));
        Drive open = site.open(runtime, drive, options, pauses);
        MockGuest guest = MockGuest.create(memoryBytes)) {
      MockBlkDriver driver = guest.plug(open.device());
      pauses.watch(open.device(), driver);
      WorkloadResult result =
          run(new WorkloadRunner(driver, progress(terminal), PROGRESS_INTERVAL));
      Thread.interrupted(); // it has ended the workload; what closes the images must not see it
      endProgress(terminal);
      print(result, LayerStats.of(open.chain()), terminal);
      terminal.flush();
      return result.clean() ? 0 : 1;
    }
  }

  private WorkloadResult run(WorkloadRunner runner) throws IOException, CommandFailure {
    try {
      return runner.run(workload);
    } catch (OptionException e) {
      boolean isDisk = e.problems().getFirst().key().isEmpty();
      throw Site.refusal("the workload does not fit the drive", isDisk ? drive : given.text(), e);
    }
  }

  private void print(WorkloadResult result, List<LayerStats> layers, Terminal terminal)
      throws IOException {
    if (json) {
      ObjectNode object = result.toJson();
      object.set("chain", StatsText.json(layers));
      terminal
          .out()
          .println(
              JsonMapper.builder()
                  .enable(SerializationFeature.INDENT_OUTPUT)
                  .build()
                  .writeValueAsString(object));
      return;
    }
    terminal.out().print(result.toText());
    long heldBytes = layers.stream().mapToLong(LayerStats::heldBytes).sum();
    terminal
        .out()
        .printf(
            "  caches: %d KiB held by %d image%s%n",
            heldBytes / 1024, layers.size(), layers.size() == 1 ? "" : "s");
    if (stats) {
      terminal.out().print(StatsText.table(layers));
    }
  }

  private Consumer<Progress> progress(Terminal terminal) {
    if (!terminal.watched().getAsBoolean() || json) {
      return report -> {};
    }
    return report -> terminal.err().print("\r\033[K" + report.toLine());
  }

  private void endProgress(Terminal terminal) {
    if (terminal.watched().getAsBoolean() && !json) {
      terminal.err().print("\r\033[K");
    }
  }
}
