package dev.platter.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.platter.api.spec.NodeSpec;
import dev.platter.conf.DriveSpec;
import dev.platter.graph.CreateRequest;
import dev.platter.harness.blk.AccessListener;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;
import dev.platter.harness.workload.Workload;
import dev.platter.harness.workload.WorkloadResult;
import dev.platter.harness.workload.WorkloadRunner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Eight queues of depth 32 write and read verified sectors while overlays are put on the running
 * disk. Lasts {@code platter.stress.seconds}, 3 if not given.
 */
class LiveSnapshotStressTest {
  private static final int SECONDS = Integer.getInteger("platter.stress.seconds", 3);
  private static final int MAX_SNAPSHOTS = 50;
  @TempDir private Path folder;
  private final List<Path> images = new ArrayList<>();

  @Test
  void nothingIsLostWhileSnapshotsAreTaken() throws Exception {
    long seed = Long.getLong("platter.seed", System.nanoTime() >>> 1);
    Path base = folder.resolve("hd0.qcow2");
    images.add(base);
    try (BlockRuntime runtime = BlockRuntime.create(RuntimeSettings.DEFAULT.withWorkerCount(4))) {
      runtime.graph().create(CreateRequest.of("qcow2", base.toString(), 64 << 20));
      try (Drive drive = open(runtime, base);
          MockGuest guest = MockGuest.create(128 << 20)) {
        MockBlkDriver disk = guest.plug(drive.device());
        CompletableFuture<WorkloadResult> run =
            run(() -> new WorkloadRunner(disk).run(workload(seed)));
        takeSnapshots(runtime, drive, run);
        WorkloadResult result = run.get(SECONDS + 120L, TimeUnit.SECONDS);

        assertThat(result.clean()).as("-Dplatter.seed=%d: %s", seed, result.toText()).isTrue();
        assertThat(result.checkedCount()).isGreaterThan(result.writes().ioCount() / 8);
        assertThat(drive.chain()).hasSize(images.size());
      }
      assertThat(runtime.graph().nodes()).isEmpty();
    }
    checkImages();
  }

  private static Workload workload(long seed) throws IOException {
    return Workload.parse(
        """
        rw=randrw bs=4k iodepth=32 numjobs=8 verify=pattern randseed=%d time_based runtime=%ds
        """
            .formatted(seed, SECONDS));
  }

  private static Drive open(BlockRuntime runtime, Path image) throws IOException {
    DriveSpec spec =
        DriveSpec.of(NodeSpec.of("qcow2").withChild("file", NodeSpec.file(image.toString())));
    BlkOptions options = BlkOptions.builder().queues(8, 128).build();
    return runtime.open(spec, options, AccessListener.NONE);
  }

  private void takeSnapshots(
      BlockRuntime runtime, Drive drive, CompletableFuture<WorkloadResult> run) throws Exception {
    long pauseMillis = Math.max(200, SECONDS * 1000L / MAX_SNAPSHOTS);
    while (!run.isDone() && images.size() < MAX_SNAPSHOTS) {
      Path overlay = folder.resolve("hd%d.qcow2".formatted(images.size()));
      NodeSpec spec =
          runtime.graph().createOverlay(drive.backend(), "qcow2", overlay.toString(), Map.of());
      runtime.graph().snapshot(drive.backend(), spec);
      images.add(overlay);
      Thread.sleep(pauseMillis);
    }
  }

  private static CompletableFuture<WorkloadResult> run(Callable<WorkloadResult> body) {
    CompletableFuture<WorkloadResult> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                result.complete(body.call());
              } catch (Exception e) {
                result.completeExceptionally(new CompletionException(e));
              }
            });
    return result;
  }

  private void checkImages() throws Exception {
    for (Path image : images) {
      QemuImg.check(image);
    }
    assumeTrue(QemuImg.installed(), "qemu-img is not installed: the images were not checked");
  }
}
