package dev.platter.harness.stress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.driver.SnapshottableFormat.SnapshotRequest;
import dev.platter.api.error.Errno;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.NodeSpec;
import dev.platter.conf.DriveParser;
import dev.platter.conf.DriveSpec;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.InternalSnapshots;
import dev.platter.graph.SystemClock;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.Drive;
import dev.platter.harness.QemuImg;
import dev.platter.harness.RuntimeSettings;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;
import dev.platter.harness.stress.StressOperation.Kind;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.FaultyNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Eight queues of depth 64 write, read, zero and discard the same few thousand sectors, while
 * overlays are put on the running disk, snapshots are taken inside it and deleted, it changes its
 * size, and the host runs out of space. What each sector answered must be what a register could
 * have answered. Lasts {@code platter.stress.seconds}, 3 if not given, in rounds: histories are
 * checked, and begun anew, between them.
 */
class SectorStressTest {
  private static final int SECONDS = Integer.getInteger("platter.stress.seconds", 3);
  private static final int QUEUES = 8;
  private static final int DEPTH = 64;
  private static final int SECTORS = 4096;
  private static final long DISK_BYTES = 4L << 20;
  private static final int MOST_LAYERS = 24;
  private static final Set<FaultyNode.Kind> NEEDS_SPACE =
      Set.of(FaultyNode.Kind.WRITE, FaultyNode.Kind.WRITE_ZEROES);
  private static final Map<String, String> SMALL_CACHES =
      Map.of("l2-cache-size", "8k", "l2-cache-entry-size", "512", "refcount-cache-size", "16k");

  @TempDir private Path folder;
  private final List<Path> images = new ArrayList<>();
  private List<Long> contents = Collections.nCopies(SECTORS, SectorHistory.ZERO);
  private final RetriedWrites retried = new RetriedWrites();
  private long operations;
  private long checkedReads;

  @Test
  void everySectorIsARegister() throws Exception {
    Seeds.run(this::run);
    for (Path image : images) {
      QemuImg.check(image);
    }
  }

  private void run(RandomGenerator random) throws Exception {
    DriverRegistry found = DriverRegistry.discover();
    FaultyFiles files = new FaultyFiles((ProtocolDriverProvider) found.find("file").orElseThrow());
    DriverRegistry drivers = DriverRegistry.of(files, found.find("qcow2").orElseThrow());
    RuntimeSettings settings = RuntimeSettings.DEFAULT.withWorkerCount(4);
    images.add(folder.resolve("layer0.qcow2"));
    try (SystemClock clock = new SystemClock();
        BlockRuntime runtime =
            BlockRuntime.create(drivers, new DriveParser(drivers), clock, settings)) {
      runtime.graph().create(base(images.getFirst()));
      try (Drive drive = open(runtime, images.getFirst());
          MockGuest guest = MockGuest.create(64 << 20)) {
        stress(random, runtime, files, drive, guest.plug(drive.device()));
      }
    }
    assertThat(checkedReads).isPositive();
  }

  private static CreateRequest base(Path image) {
    return CreateRequest.of("qcow2", image.toString(), DISK_BYTES).with("cluster_size", "4k");
  }

  private Drive open(BlockRuntime runtime, Path image) throws IOException {
    NodeSpec node =
        NodeSpec.of("qcow2")
            .with("discard", "unmap")
            .withChild("file", NodeSpec.file(image.toString()));
    for (Map.Entry<String, String> cache : SMALL_CACHES.entrySet()) {
      node = node.with(cache.getKey(), cache.getValue());
    }
    BlkOptions options = BlkOptions.builder().queues(QUEUES, 256).build();
    return runtime.open(DriveSpec.of(node), options, retried);
  }

  private void stress(
      RandomGenerator random,
      BlockRuntime runtime,
      FaultyFiles files,
      Drive drive,
      MockBlkDriver disk)
      throws Exception {
    List<StressQueue> queues = new ArrayList<>();
    long seed = random.nextLong();
    for (int i = 0; i < QUEUES; i++) {
      queues.add(new StressQueue(disk, i, DEPTH, SECTORS, seed));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(QUEUES)) {
      for (int round = 0; round < SECONDS; round++) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        List<Future<List<StressOperation>>> running = new ArrayList<>();
        for (StressQueue queue : queues) {
          Callable<List<StressOperation>> body = () -> queue.run(deadline);
          running.add(threads.submit(body));
        }
        disturb(random, runtime, files, drive, deadline);
        while (!running.stream().allMatch(Future::isDone)) {
          resume(drive);
        }
        List<StressOperation> done = new ArrayList<>();
        for (Future<List<StressOperation>> queue : running) {
          done.addAll(queue.get());
        }
        check(done, disk);
      }
    }
  }

  /**
   * Puts an overlay on the disk, lets it grow and shrink behind the sectors in use, takes a
   * snapshot inside the top image and deletes it, or lets the host run out of space for a moment,
   * which stops the device.
   */
  private void disturb(
      RandomGenerator random, BlockRuntime runtime, FaultyFiles files, Drive drive, long deadline)
      throws Exception {
    while (System.nanoTime() < deadline) {
      TimeUnit.MILLISECONDS.sleep(50 + random.nextInt(200));
      switch (random.nextInt(4)) {
        case 0 -> addLayer(runtime, drive);
        case 1 -> {
          long size = (long) SECTORS * StressQueue.SECTOR_BYTES + (random.nextInt(5) << 20);
          drive.backend().resize(size, Preallocation.OFF);
        }
        case 2 -> keepForAMoment(random, drive);
        default -> {
          files.last().failFrom(NEEDS_SPACE, 1, Errno.ENOSPC);
          TimeUnit.MILLISECONDS.sleep(random.nextInt(30));
          files.last().heal();
          resume(drive);
        }
      }
    }
  }

  private static void keepForAMoment(RandomGenerator random, Drive drive) throws Exception {
    InternalSnapshots snapshots = InternalSnapshots.of(drive.backend());
    String id = snapshots.create(SnapshotRequest.ofDisk("moment", Instant.EPOCH)).id();
    TimeUnit.MILLISECONDS.sleep(random.nextInt(30));
    snapshots.delete(id);
  }

  private void addLayer(BlockRuntime runtime, Drive drive) throws IOException {
    if (images.size() == MOST_LAYERS) {
      return;
    }
    Path overlay = folder.resolve("layer%d.qcow2".formatted(images.size()));
    Map<String, OptionValue> options = Map.of("cluster_size", OptionValue.of("4k"));
    NodeSpec spec =
        runtime
            .graph()
            .createOverlay(drive.backend(), "qcow2", overlay.toString(), options)
            .with("discard", "unmap");
    runtime.graph().snapshot(drive.backend(), spec);
    images.add(overlay);
  }

  /** A request that failed may stop the device a moment after space was made. */
  private static void resume(Drive drive) throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(5);
    if (drive.device().stopped()) {
      drive.device().resume();
    }
  }

  private void check(List<StressOperation> done, MockBlkDriver disk) throws IOException {
    assertThat(done).allMatch(StressOperation::completed);
    SectorHistory[] histories = new SectorHistory[SECTORS];
    for (int sector = 0; sector < SECTORS; sector++) {
      histories[sector] = new SectorHistory(contents.get(sector));
    }
    for (StressOperation operation : done) {
      operations++;
      boolean again = retried.contain(operation);
      checkedReads += operation.kind() == Kind.READ ? operation.sectorCount() : 0;
      for (int i = 0; operation.kind() != Kind.FLUSH && i < operation.sectorCount(); i++) {
        operation.addTo(histories[(int) operation.firstSector() + i], i, again);
      }
    }
    long begin = System.nanoTime();
    byte[] bytes = disk.read(0, SECTORS * StressQueue.SECTOR_BYTES);
    long end = System.nanoTime();
    contents = StressQueue.values(MemorySegment.ofArray(bytes), 0);
    for (int sector = 0; sector < SECTORS; sector++) {
      histories[sector].read(contents.get(sector), begin, end);
      assertThat(histories[sector].violation())
          .as("sector %d after %d requests", sector, operations)
          .isEmpty();
    }
  }
}
