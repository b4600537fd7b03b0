package dev.platter.harness.stress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.spec.NodeSpec;
import dev.platter.conf.DriveSpec;
import dev.platter.graph.CreateRequest;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.Drive;
import dev.platter.harness.QemuImg;
import dev.platter.harness.RuntimeSettings;
import dev.platter.harness.blk.AccessListener;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;
import dev.platter.harness.workload.Workload;
import dev.platter.harness.workload.WorkloadResult;
import dev.platter.harness.workload.WorkloadRunner;
import dev.platter.tck.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Somebody interrupts the threads that do I/O, at random, while verified requests run. An interrupt
 * closes a {@code FileChannel} for everyone, and must not be let near one.
 */
class InterruptTest {
  private static final int QUEUES = 2;
  @TempDir private Path folder;

  @ParameterizedTest(name = "native={0}, {1} workers")
  @CsvSource({"on, 0", "on, 3", "off, 0", "off, 3"})
  void interruptsOfThreadsThatDoInputAndOutputChangeNothing(String nativeCalls, int workers) {
    Seeds.run(random -> run(random, nativeCalls, workers));
  }

  private void run(RandomGenerator random, String nativeCalls, int workers) throws Exception {
    Path image = folder.resolve("disk.qcow2");
    RuntimeSettings settings = RuntimeSettings.DEFAULT.withWorkerCount(workers);
    try (BlockRuntime runtime = BlockRuntime.create(settings)) {
      runtime.graph().create(CreateRequest.of("qcow2", image.toString(), 16 << 20));
      try (Drive drive = open(runtime, image, nativeCalls);
          MockGuest guest = MockGuest.create(32 << 20)) {
        MockBlkDriver disk = guest.plug(drive.device());
        WorkloadResult result = interrupted(random.nextLong() >>> 1, drive, disk);
        assertThat(result.clean()).as(result.toText()).isTrue();
        assertThat(result.errorCount()).isZero();
      }
    }
    QemuImg.check(image);
  }

  private static WorkloadResult interrupted(long seed, Drive drive, MockBlkDriver disk)
      throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      Future<?> interrupter = threads.submit(() -> interrupt(seed, done));
      Future<?> flusher = threads.submit(() -> flush(drive, done));
      WorkloadResult result;
      try {
        result = new WorkloadRunner(disk).run(workload(seed));
      } finally {
        done.set(true);
      }
      interrupter.get();
      flusher.get();
      return result;
    }
  }

  private static Workload workload(long seed) throws Exception {
    return Workload.parse(
        "rw=randrw bs=4k iodepth=16 numjobs=%d verify=pattern randseed=%d number_ios=500"
            .formatted(QUEUES, seed));
  }

  private static Drive open(BlockRuntime runtime, Path image, String nativeCalls) throws Exception {
    NodeSpec file = NodeSpec.file(image.toString()).with("native", nativeCalls);
    DriveSpec spec =
        DriveSpec.of(NodeSpec.of("qcow2").with("l2-cache-size", "128k").withChild("file", file));
    BlkOptions options = BlkOptions.builder().queues(QUEUES, 64).build();
    return runtime.open(spec, options, AccessListener.NONE);
  }

  /** Under the name of a thread that is interrupted. */
  private static Void flush(Drive drive, AtomicBoolean done) throws IOException {
    Thread.currentThread().setName("guest-queue-flusher");
    while (!done.get()) {
      drive.backend().flush();
    }
    return null;
  }

  private static void interrupt(long seed, AtomicBoolean done) {
    RandomGenerator random = new SplittableRandom(seed);
    while (!done.get()) {
      List<Thread> threads =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().matches("platter-io-.*|guest-queue-.*"))
              .toList();
      for (int i = 0; i < 20 && !threads.isEmpty(); i++) {
        threads.get(random.nextInt(threads.size())).interrupt();
        LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(300)));
      }
    }
  }
}
