package dev.platter.harness.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.error.Errno;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BackendStats;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.harness.TestMachine;
import dev.platter.harness.blk.AccessListener;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.blk.RequestExecutor;
import dev.platter.harness.junit.Chain;
import dev.platter.harness.junit.Disk;
import dev.platter.harness.junit.Fault;
import dev.platter.harness.junit.PlatterExtension;
import dev.platter.harness.workload.Workload;
import dev.platter.harness.workload.WorkloadResult;
import dev.platter.harness.workload.WorkloadRunner;
import dev.platter.tck.Seeds;
import dev.platter.tck.fake.FaultyNode.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guest sees of a chain of images, through its driver and the device. */
@ExtendWith(PlatterExtension.class)
class GuestOnChainTest {
  private static final byte[] BYTES = Seeds.bytes(new SplittableRandom(7), 3 * 4096);

  @Test
  void whatAGuestWritesToTheTopLeavesTheBaseAlone(
      @Chain(overlays = 2, name = "c") MockBlkDriver disk,
      @Chain(name = "c") BlockBackend backend,
      BlockGraph graph)
      throws Exception {
    disk.write(65536 - 512, BYTES);
    disk.flush();

    List<BlockNode> chain = graph.chainOf(backend);
    byte[] base = new byte[BYTES.length];
    chain.getLast().read(65536 - 512, base);
    assertThat(base).containsOnly(0);
    assertThat(disk.read(65536 - 512, BYTES.length)).isEqualTo(BYTES);
  }

  @Test
  void aVerifiedWorkloadFindsEverySectorThroughThreeLayers(
      @Chain(overlays = 2, size = "8M") MockBlkDriver disk) throws Exception {
    WorkloadResult result =
        new WorkloadRunner(disk)
            .run(Workload.parse("rw=randrw bs=4k iodepth=16 number_ios=1500 verify=pattern"));

    assertThat(result.problems()).isEmpty();
    assertThat(result.clean()).isTrue();
    assertThat(result.checkedCount()).isPositive();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void requestsThatBecomeOneAreCountedOneByOne(
      boolean inline, @Disk(size = "4M") BlockBackend backend) throws Exception {
    BackendStats before = backend.stats();
    RequestExecutor executor = inline ? RequestExecutor.inline() : RequestExecutor.adaptive(1);
    try (TestMachine machine =
        TestMachine.of(
            backend, BlkOptions.DEFAULT, DriverOptions.DEFAULT, executor, AccessListener.NONE)) {
      DriverQueue queue = machine.driver().queue(0);
      for (int i = 0; i < 3; i++) {
        queue.offer(machine.driver().newRequest(512).write(i, 512));
      }
      serve(queue);
      for (int i = 0; i < 4; i++) {
        queue.offer(machine.driver().newRequest(512).read(i, 512));
      }
      serve(queue);
    }

    BackendStats after = backend.stats();
    assertThat(after.write().count() - before.write().count()).isEqualTo(3);
    assertThat(after.write().merged()).isEqualTo(2);
    assertThat(after.write().bytes() - before.write().bytes()).isEqualTo(3 * 512);
    assertThat(after.read().count() - before.read().count()).isEqualTo(4);
    assertThat(after.read().merged()).isEqualTo(3);
    assertThat(after.read().bytes() - before.read().bytes()).isEqualTo(4 * 512);
  }

  private static void serve(DriverQueue queue) throws GuestIoException {
    queue.kick();
    while (queue.inFlight() > 0) {
      queue.await(Duration.ofMinutes(1));
      queue.reap(_ -> {});
    }
  }

  @Test
  void aLiveSnapshotBetweenTwoWritesKeepsBoth(
      @Disk(name = "d", size = "4M") MockBlkDriver disk,
      @Disk(name = "d") BlockBackend backend,
      BlockGraph graph,
      @TempDir Path folder)
      throws Exception {
    disk.write(0, BYTES);
    String file = folder.resolve("overlay.qcow2").toString();
    NodeSpec overlay = graph.createOverlay(backend, "qcow2", file, Map.of());
    BlockNode old = backend.root();

    graph.snapshot(backend, overlay);
    disk.write(4096, new byte[512]);

    byte[] expected = BYTES.clone();
    Arrays.fill(expected, 4096, 4096 + 512, (byte) 0);
    assertThat(disk.read(0, BYTES.length)).isEqualTo(expected);
    byte[] frozen = new byte[BYTES.length];
    old.read(0, frozen);
    assertThat(frozen).isEqualTo(BYTES);
    assertThat(old.readOnly()).isTrue();
  }

  @Test
  void aFailedWriteReachesTheGuestAndNothingElseIsLost(
      @Disk @Fault(on = Kind.WRITE, nth = 2, errno = Errno.EIO) MockBlkDriver disk)
      throws Exception {
    disk.write(0, BYTES);

    assertThatThrownBy(() -> disk.write(128 << 10, BYTES)).isInstanceOf(GuestIoException.class);

    assertThat(disk.read(0, BYTES.length)).isEqualTo(BYTES);
    disk.write(128 << 10, BYTES);
    assertThat(disk.read(128 << 10, BYTES.length)).isEqualTo(BYTES);
  }
}
