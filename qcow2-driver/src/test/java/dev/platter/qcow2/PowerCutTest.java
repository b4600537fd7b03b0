package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.qcow2.GuestScript.Kind;
import dev.platter.qcow2.GuestScript.Step;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Cuts the power in the middle of short sequences of requests, and looks at every state that the
 * file may then be in: the checker finds leaks at worst, each sector holds what it may hold, and
 * the image can be written on without harm.
 */
class PowerCutTest {
  /** Allocated, and below an L2 table that is not there. */
  private static final int[] PAIR_CLUSTERS = {0, 130};

  private final long seed = Long.getLong("platter.seed", 1);
  private final Random random = new Random(seed);
  private int clusterBytes;
  private int diskBytes;
  private int freshCluster;
  private MemoryNode before;
  private MemoryNode after;
  private byte[] contents;
  private long stateCount;

  @Test
  void everyPairOfRequestsSurvivesEveryPowerCut() throws IOException {
    create(1024, 256, 16, 1);
    for (GuestScript script : GuestScript.all(2, PAIR_CLUSTERS)) {
      cutDuring(script);
    }
    assertThat(stateCount).isGreaterThan(2_000);
  }

  @Test
  void longerSequencesSurviveManyPowerCuts() throws IOException {
    // 0 is allocated, 1 reads as zeros with space in reserve, 2 and 130 are not there.
    create(1024, 256, 1, 1);
    for (int i = 0; i < 20; i++) {
      cutDuring(GuestScript.random(random, 3 + random.nextInt(8), 0, 1, 2, 130));
    }
  }

  /** A refcount block counts 128 clusters here, and 127 are in use. */
  @Test
  void newRefcountBlocksSurvivePowerCuts() throws IOException {
    create(1024, 256, 64, 120);
    for (int i = 0; i < 4; i++) {
      cutDuring(GuestScript.random(random, 12, 0, 125, 126, 127, 130, 131));
    }
    assertThat(usedClusters()).isGreaterThan(128);
  }

  /** A refcount table of one cluster counts 4096 clusters here. */
  @Test
  void aGrowingRefcountTableSurvivesPowerCuts() throws IOException {
    create(512, 4200, 64, 3959);
    assertThat(before.size() / clusterBytes).isLessThan(4096);
    cutDuring(GuestScript.random(random, 24, 4000, 4001, 4002, 4003, 4070, 4071, 4072, 4073));
    assertThat(usedClusters()).isGreaterThan(4096);
  }

  private void create(int clusterBytes, int clusterCount, int refcountBits, int filledClusters)
      throws IOException {
    this.clusterBytes = clusterBytes;
    this.diskBytes = clusterCount * clusterBytes;
    this.freshCluster = clusterCount - 100;
    before =
        NewImages.create(
            diskBytes, "cluster_size=" + clusterBytes, "refcount_bits=" + refcountBits);
    try (Qcow2Format format = Images.open(before)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, 2 * clusterBytes, 1);
      guest.release(clusterBytes, clusterBytes, ReleaseMode.ZERO_KEEP);
      guest.fill(5L * clusterBytes, filledClusters * clusterBytes, 2);
      contents = guest.read(0, diskBytes);
    }
  }

  private long usedClusters() {
    return after.size() / clusterBytes;
  }

  private void cutDuring(GuestScript script) throws IOException {
    after = before.copy();
    RecordingNode node = new RecordingNode(after);
    List<Integer> begins = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    try (Qcow2Format format = Images.open(TestOpening.of(node))) {
      DriverGuest guest = new DriverGuest(format);
      for (Step step : script.steps()) {
        begins.add(node.changes().size());
        step.run(guest, clusterBytes);
        ends.add(node.changes().size());
      }
    }
    stateCount +=
        PowerCuts.forEach(
            before,
            node.changes(),
            seed,
            cut -> {
              PossibleDisk possible = possible(script, begins, ends, cut.operationIndex());
              String context = "seed %d, %s, %s".formatted(seed, script, cut.description());
              survives(cut.image(), possible, context);
            });
  }

  private PossibleDisk possible(
      GuestScript script, List<Integer> begins, List<Integer> ends, int position) {
    List<Step> steps = script.steps();
    int flushed = 0;
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).kind() == Kind.FLUSH && ends.get(i) <= position) {
        flushed = i;
      }
    }
    PossibleDisk possible = new PossibleDisk(contents, clusterBytes);
    for (int i = 0; i < steps.size() && begins.get(i) <= position; i++) {
      possible = possible.with(steps.get(i), i < flushed);
    }
    return possible;
  }

  private void survives(MemoryNode node, PossibleDisk possible, String context) throws IOException {
    assertNoCorruption(node, context);
    byte[] found;
    try (Qcow2Format format = Images.open(node.reopen())) {
      DriverGuest guest = new DriverGuest(format);
      found = guest.read(0, diskBytes);
      possible.assertHolds(found, context);
      guest.fill((long) freshCluster * clusterBytes, clusterBytes, 99);
      guest.fill(3L * clusterBytes, clusterBytes, 98);
    }
    assertNoCorruption(node, context + ", then written");
    Arrays.fill(found, freshCluster * clusterBytes, (freshCluster + 1) * clusterBytes, (byte) 99);
    Arrays.fill(found, 3 * clusterBytes, 4 * clusterBytes, (byte) 98);
    try (Qcow2Format format = Images.open(node.reopenReadOnly())) {
      byte[] after = new DriverGuest(format).read(0, diskBytes);
      assertThat(Arrays.equals(after, found)).as("%s, then written", context).isTrue();
    }
  }

  private static void assertNoCorruption(MemoryNode node, String context) throws IOException {
    List<String> findings = new ArrayList<>();
    CheckReport report =
        Qcow2Checker.check("image.qcow2", node.reopen(), Repair.NONE, findings::add);
    assertThat(report.corruptions() + report.checkErrors())
        .as("%s: %s", context, findings)
        .isZero();
  }
}
