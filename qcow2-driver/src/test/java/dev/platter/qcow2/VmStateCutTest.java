package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.error.BlockException;
import dev.platter.api.error.Errno;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Cuts the power, and fails each call to the file, while an image makes room for a machine's state.
 * In every state the disk is as it was, and a check finds nothing at all.
 */
class VmStateCutTest {
  private static final int CLUSTER_BYTES = 512;
  private static final int DISK_BYTES = 8 << 10;
  private static final int STATE_END = 8 << 20; // more entries than the L1 table's cluster has

  private final long seed = Long.getLong("platter.seed", 1);

  @Test
  void roomForAStateSurvivesEveryPowerCut() throws IOException {
    MemoryNode before = image();
    RecordingNode running = new RecordingNode(before.copy());
    reserve(running);
    long states =
        PowerCuts.forEach(
            before,
            running.changes(),
            seed,
            cut -> look(cut.image(), "seed %d, %s".formatted(seed, cut.description())));
    assertThat(states).isGreaterThan(6);
  }

  @Test
  void aFailureLeavesTheImageAsItWas() throws IOException {
    MemoryNode before = image();
    long failures = 1;
    for (int nth = 1; failures > 0; nth++) {
      MemoryNode file = before.copy();
      FaultyNode faulty = new FaultyNode(file);
      faulty.failNth(Set.of(FaultyNode.Kind.WRITE), nth, Errno.ENOSPC);
      try {
        reserve(faulty);
      } catch (BlockException e) {
        assertThat(faulty.failures()).isPositive();
      }
      failures = faulty.failures();
      look(file, "call %d fails".formatted(nth));
    }
  }

  private static MemoryNode image() throws IOException {
    MemoryNode image = NewImages.create(DISK_BYTES, "cluster_size=" + CLUSTER_BYTES);
    try (Qcow2Format format = Images.open(image.reopen())) {
      new DriverGuest(format).fill(1024, 3000, 7);
      format.vmState().reserve(CLUSTER_BYTES);
      new DriverGuest(format.vmState()).fill(0, CLUSTER_BYTES, 8);
    }
    return image;
  }

  private static void reserve(BlockNode image) throws IOException {
    try (Qcow2Format format = Images.open(image)) {
      format.vmState().reserve(STATE_END);
    }
  }

  private static void look(MemoryNode image, String what) throws IOException {
    List<String> findings = new ArrayList<>();
    Qcow2Checker.check("image.qcow2", image, Repair.NONE, findings::add);
    assertThat(findings).as(what).isEmpty();
    try (Qcow2Format format = Images.open(image.reopen())) {
      assertThat(new DriverGuest(format).read(1024, 3000)).as(what).containsOnly(7);
      DriverGuest state = new DriverGuest(format.vmState());
      assertThat(state.read(0, CLUSTER_BYTES)).as(what).containsOnly(8);
      assertThat(state.read(STATE_END - CLUSTER_BYTES, CLUSTER_BYTES)).as(what).containsOnly(0);
    }
  }
}
