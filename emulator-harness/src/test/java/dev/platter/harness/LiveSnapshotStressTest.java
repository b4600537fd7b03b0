package dev.platter.harness;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.junit.Disk;
import dev.platter.harness.junit.Guest;
import dev.platter.harness.junit.PlatterExtension;
import dev.platter.harness.workload.Workload;
import dev.platter.harness.workload.WorkloadResult;
import dev.platter.harness.workload.WorkloadRunner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Eight queues of depth 32 write and read verified sectors while overlays are put on the running
 * disk. Lasts {@code platter.stress.seconds}, 3 if not given.
 */
@ExtendWith(PlatterExtension.class)
class LiveSnapshotStressTest {
  private static final int SECONDS = Integer.getInteger("platter.stress.seconds", 3);
  private static final int MAX_SNAPSHOTS = 50;
  private static final int QUEUES = 8;

  @Test
  void nothingIsLostWhileSnapshotsAreTaken(
      @Disk(name = "d", size = "64M") @Guest(queues = QUEUES, queueSize = 128, workers = 4)
          MockBlkDriver disk,
      @Disk(name = "d") BlockBackend backend,
      BlockGraph graph,
      @TempDir Path folder)
      throws Exception {
    long seed = Long.getLong("platter.seed", System.nanoTime() >>> 1);
    CompletableFuture<WorkloadResult> run = run(() -> new WorkloadRunner(disk).run(workload(seed)));
    int snapshotCount = takeSnapshots(graph, backend, folder, run);
    WorkloadResult result = run.get(SECONDS + 120L, TimeUnit.SECONDS);

    assertThat(result.clean()).as("-Dplatter.seed=%d: %s", seed, result.toText()).isTrue();
    assertThat(result.checkedCount()).isGreaterThan(result.writes().ioCount() / QUEUES);
    assertThat(graph.chainOf(backend)).hasSize(1 + snapshotCount);
  }

  private static Workload workload(long seed) throws IOException {
    return Workload.parse(
        """
        rw=randrw bs=4k iodepth=32 numjobs=8 verify=pattern randseed=%d time_based runtime=%ds
        """
            .formatted(seed, SECONDS));
  }

  private static int takeSnapshots(
      BlockGraph graph, BlockBackend backend, Path folder, CompletableFuture<WorkloadResult> run)
      throws Exception {
    long pauseMillis = Math.max(200, SECONDS * 1000L / MAX_SNAPSHOTS);
    int count = 0;
    while (!run.isDone() && count < MAX_SNAPSHOTS) {
      String overlay = folder.resolve("hd%d.qcow2".formatted(++count)).toString();
      graph.snapshot(backend, graph.createOverlay(backend, "qcow2", overlay, Map.of()));
      Thread.sleep(pauseMillis);
    }
    return count;
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
}
