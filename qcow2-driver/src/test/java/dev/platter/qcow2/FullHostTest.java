package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.UnfinishedFlushException;
import dev.platter.qcow2.GuestScript.Kind;
import dev.platter.qcow2.GuestScript.Step;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A host that has no space for a while, at every point of a sequence of requests. The guest waits,
 * and repeats the request that failed once there is space again, as a stopped device does.
 */
class FullHostTest {
  private static final Set<FaultyNode.Kind> GROWING =
      Set.of(FaultyNode.Kind.WRITE, FaultyNode.Kind.WRITE_ZEROES, FaultyNode.Kind.RESIZE);

  /** What a refcount table of one cluster of 512 bytes counts, in blocks of 64. */
  private static final int REFCOUNT_TABLE_CLUSTERS = 4096;

  private final long seed = Long.getLong("platter.seed", 3);
  private final Random random = new Random(seed);
  private int clusterBytes;
  private int diskBytes;
  private MemoryNode before;
  private byte[] contents;

  /** What was done when to the file, while a script ran. */
  private record Run(
      MemoryNode image,
      RecordingNode log,
      List<Integer> begins,
      List<Integer> ends,
      long failures) {}

  private void create(int clusterBytes, int clusterCount, int filledClusters) throws IOException {
    this.clusterBytes = clusterBytes;
    this.diskBytes = clusterCount * clusterBytes;
    before = NewImages.create(diskBytes, "cluster_size=" + clusterBytes, "refcount_bits=64");
    try (Qcow2Format format = Images.open(before)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(5L * clusterBytes, filledClusters * clusterBytes, 2);
      contents = guest.read(0, diskBytes);
    }
  }

  @Test
  void everyRequestIsDoneOnceThereIsSpaceAgain() throws IOException {
    create(1024, 256, 120);
    for (int i = 0; i < 6; i++) {
      GuestScript script = GuestScript.random(random, 10, 0, 6, 125, 126, 127, 130);
      long failures = 1;
      for (int nth = 1; failures > 0; nth++) {
        failures = holdsEverything(script, nth);
      }
    }
  }

  @Test
  void theRefcountTableGrowsOnceThereIsSpaceAgain() throws IOException {
    create(512, 4200, 3963);
    assertThat(clusterCount(before)).isLessThan(REFCOUNT_TABLE_CLUSTERS);
    GuestScript script =
        GuestScript.random(random, 24, 4000, 4001, 4002, 4003, 4070, 4071, 4072, 4073);
    long failures = 1;
    for (int nth = 1; failures > 0; nth++) {
      failures = holdsEverything(script, nth);
    }
    assertThat(clusterCount(run(script, 1).image())).isGreaterThan(REFCOUNT_TABLE_CLUSTERS);
  }

  private long clusterCount(MemoryNode image) {
    return image.size() / clusterBytes;
  }

  private long holdsEverything(GuestScript script, int nth) throws IOException {
    Run run = run(script, nth);
    PossibleDisk expected = new PossibleDisk(contents, clusterBytes);
    for (Step step : script.steps()) {
      expected = expected.with(step, true);
    }
    String context = "seed %d, %s, call %d".formatted(seed, script, nth);
    List<String> findings = new ArrayList<>();
    CheckReport report =
        Qcow2Checker.check("image.qcow2", run.image().reopen(), Repair.NONE, findings::add);
    assertThat(report.clean()).as("%s: %s", context, findings).isTrue();
    try (Qcow2Format format = Images.open(run.image().reopen())) {
      expected.assertHolds(new DriverGuest(format).read(0, diskBytes), context);
    }
    return run.failures();
  }

  @Test
  void aPowerCutAfterARepeatedFlushIsSurvivedToo() throws IOException {
    create(1024, 256, 120);
    for (int i = 0; i < 2; i++) {
      GuestScript script = GuestScript.random(random, 6, 0, 6, 125, 126, 127, 130);
      long failures = 1;
      for (int nth = 1; failures > 0; nth++) {
        Run run = run(script, nth);
        survivesPowerCuts(script, run, nth);
        failures = run.failures();
      }
    }
  }

  /** Once the header may name the new table, a new block must be in the file before its entry. */
  @Test
  void aRefcountTableThatHasMovedIsNotWrittenAsIfNothingNamedIt() throws IOException {
    create(512, 4400, 3959);
    long failures = 1;
    for (int nth = 1; failures > 0; nth++) {
      MemoryNode image = before.copy();
      RecordingNode log = new RecordingNode(image);
      FaultyNode file = new FaultyNode(log);
      try (Qcow2Format format = Images.open(TestOpening.of(file))) {
        DriverGuest guest = new DriverGuest(format);
        guest.fill(4000L * clusterBytes, 64 * clusterBytes, 3);
        file.failNth(FaultyNode.Kind.WRITE, nth, Errno.ENOSPC);
        failures = flushFails(format) ? 1 : 0;
        file.heal();
        guest.fill(4128L * clusterBytes, 192 * clusterBytes, 4);
      }
      assertThat(clusterCount(image)).isGreaterThan(REFCOUNT_TABLE_CLUSTERS);
      String context = "call " + nth;
      PowerCuts.forEach(
          before,
          log.changes(),
          seed,
          cut -> assertNoCorruption(cut.image(), context + ", " + cut.description()));
    }
  }

  private static boolean flushFails(Qcow2Format format) throws IOException {
    try {
      format.flush();
      return false;
    } catch (UnfinishedFlushException e) {
      return true;
    }
  }

  private static void assertNoCorruption(MemoryNode image, String context) throws IOException {
    List<String> findings = new ArrayList<>();
    CheckReport report =
        Qcow2Checker.check("image.qcow2", image.reopen(), Repair.NONE, findings::add);
    assertThat(report.corruptions() + report.checkErrors())
        .as("%s: %s", context, findings)
        .isZero();
  }

  private void survivesPowerCuts(GuestScript script, Run run, int nth) throws IOException {
    PowerCuts.forEach(
        before,
        run.log().changes(),
        seed,
        cut -> {
          String context =
              "seed %d, %s, call %d, %s".formatted(seed, script, nth, cut.description());
          assertNoCorruption(cut.image(), context);
          try (Qcow2Format format = Images.open(cut.image().reopen())) {
            byte[] found = new DriverGuest(format).read(0, diskBytes);
            possible(script, run, cut.operationIndex()).assertHolds(found, context);
          }
        });
  }

  private PossibleDisk possible(GuestScript script, Run run, int position) {
    List<Step> steps = script.steps();
    int flushed = 0;
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).kind() == Kind.FLUSH && run.ends().get(i) <= position) {
        flushed = i;
      }
    }
    PossibleDisk possible = new PossibleDisk(contents, clusterBytes);
    for (int i = 0; i < steps.size() && run.begins().get(i) <= position; i++) {
      possible = possible.with(steps.get(i), i < flushed);
    }
    return possible;
  }

  /** Runs a script on a host that is full from its {@code nth} growing call on. */
  private Run run(GuestScript script, int nth) throws IOException {
    MemoryNode image = before.copy();
    RecordingNode log = new RecordingNode(image);
    FaultyNode file = new FaultyNode(log).tearWrites().failFrom(GROWING, nth, Errno.ENOSPC);
    List<Integer> begins = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    try (Qcow2Format format = Images.open(TestOpening.of(file))) {
      DriverGuest guest = new DriverGuest(format);
      for (Step step : script.steps()) {
        begins.add(log.changes().size());
        try {
          step.run(guest, clusterBytes);
        } catch (BlockIoException e) {
          assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
          file.heal();
          step.run(guest, clusterBytes);
        }
        ends.add(log.changes().size());
      }
      file.heal();
    }
    return new Run(image, log, begins, ends, file.failures());
  }

  @Test
  void aFlushWithoutSpaceSaysThatItCanBeRepeated() throws IOException {
    create(1024, 256, 1);
    FaultyNode file = new FaultyNode(before);
    try (Qcow2Format format = Images.open(TestOpening.of(file))) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, clusterBytes, 5);
      file.failFrom(GROWING, 1, Errno.EDQUOT);
      for (int i = 0; i < 3; i++) {
        assertThatThrownBy(format::flush)
            .isInstanceOfSatisfying(
                UnfinishedFlushException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EDQUOT));
      }
      assertThat(guest.read(0, clusterBytes)).containsOnly(5);
      file.heal();
      format.flush();
    }
    Qemu.check(before);
  }

  @Test
  void aBarrierWithoutSpaceIsForGood() throws IOException {
    create(1024, 256, 1);
    FaultyNode file = new FaultyNode(before);
    Qcow2Format format = Images.open(TestOpening.of(file));
    new DriverGuest(format).fill(0, clusterBytes, 5);
    file.failNth(FaultyNode.Kind.FLUSH, 1, Errno.ENOSPC);
    assertThatThrownBy(format::flush)
        .isInstanceOf(BlockIoException.class)
        .isNotInstanceOf(UnfinishedFlushException.class);
    assertThatThrownBy(format::flush)
        .isNotInstanceOf(UnfinishedFlushException.class)
        .hasMessageContaining("an earlier flush failed");
    assertThatThrownBy(format::close).hasMessageContaining("an earlier flush failed");
  }

  @Test
  void aChangeOfSizeThatCannotBeginLosesNothing() throws IOException {
    create(1024, 256, 1);
    FaultyNode file = new FaultyNode(before);
    try (Qcow2Format format = Images.open(TestOpening.of(file))) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, clusterBytes, 5);
      file.failFrom(GROWING, 1, Errno.ENOSPC);
      assertThatThrownBy(() -> format.resize(2L * diskBytes, Preallocation.OFF))
          .isInstanceOf(UnfinishedFlushException.class);
      assertThat(guest.read(0, clusterBytes)).containsOnly(5);
      file.heal();
      format.resize(2L * diskBytes, Preallocation.OFF);
      assertThat(guest.read(0, clusterBytes)).containsOnly(5);
    }
    Qemu.check(before);
  }

  @ParameterizedTest
  @EnumSource(names = {"METADATA", "FALLOC", "FULL"})
  void growthThatTheHostHasNoSpaceForLeavesTheOldSize(Preallocation preallocation)
      throws IOException {
    create(1024, 256, 1);
    long failures = 1;
    for (int nth = 1; failures > 0; nth++) {
      failures = growWithoutSpace(preallocation, nth);
    }
  }

  private long growWithoutSpace(Preallocation preallocation, int nth) throws IOException {
    String context = "call " + nth;
    MemoryNode image = before.copy();
    FaultyNode file = new FaultyNode(image);
    boolean grown = true;
    try (Qcow2Format format = Images.open(TestOpening.of(file))) {
      file.failFrom(GROWING, nth, Errno.ENOSPC);
      try {
        format.resize(4L * diskBytes, preallocation);
      } catch (BlockIoException e) {
        grown = false;
      }
      file.heal();
    }
    assertThat(grown).as(context).isEqualTo(file.failures() == 0);
    assertNoCorruption(image, context);
    try (Qcow2Format format = Images.open(image.reopen())) {
      assertThat(format.size()).as(context).isEqualTo(grown ? 4L * diskBytes : diskBytes);
      assertThat(new DriverGuest(format).read(0, diskBytes)).as(context).isEqualTo(contents);
    }
    return file.failures();
  }

  @Test
  void growthThatFailsOnceGivesItsSpaceBack() throws IOException {
    create(1024, 256, 1);
    FaultyNode file = new FaultyNode(before);
    try (Qcow2Format format = Images.open(TestOpening.of(file))) {
      file.failNth(FaultyNode.Kind.RESIZE, 3, Errno.ENOSPC);
      assertThatThrownBy(() -> format.resize(4L * diskBytes, Preallocation.FALLOC))
          .isInstanceOfSatisfying(
              BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
      assertThat(format.size()).isEqualTo(diskBytes);
      assertThat(before.size()).isLessThan(diskBytes);
    }
    Qemu.check(before);
  }
}
