package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.BlockEvent;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.qcow2.GuestScript.Kind;
import dev.platter.qcow2.GuestScript.Step;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestEnvironment;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Reads, writes and flushes of the file that fail at every point of a sequence of requests. */
class FaultTest {
  private static final int CLUSTER = 1024;
  private static final int DISK = 256 * CLUSTER;

  private final long seed = Long.getLong("platter.seed", 2);
  private MemoryNode before;
  private byte[] contents;

  @BeforeEach
  void create() throws IOException {
    before = NewImages.create(DISK, "cluster_size=1k");
    try (Qcow2Format format = Images.open(before)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, 2 * CLUSTER, 1);
      guest.release(CLUSTER, CLUSTER, ReleaseMode.ZERO_KEEP);
      contents = guest.read(0, DISK);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Errno.class,
      names = {"EIO", "ENOSPC"})
  void oneFailureAnywhereHarmsNothingButItsRequest(Errno errno) throws IOException {
    failEverywhere(FaultyNode.Kind.ALL, errno, false);
  }

  @Test
  void aDiskThatFailsForGoodKeepsWhatItHad() throws IOException {
    failEverywhere(FaultyNode.Kind.CHANGES, Errno.EIO, true);
  }

  @Test
  void tornWritesHarmNothingButTheirRequest() throws IOException {
    failEverywhere(Set.of(FaultyNode.Kind.WRITE), Errno.EIO, true);
  }

  @Test
  void anAllocationThatRunsOutOfSpaceLeavesTheOldState() throws IOException {
    MemoryNode memory = before.copy();
    memory.resize(memory.size() + 64 * CLUSTER, Preallocation.OFF); // tables are zeroed there
    FaultyNode node = new FaultyNode(memory);
    try (Qcow2Format format = Images.open(TestOpening.of(node))) {
      long reserved = nextOffset(format, 3);
      node.failFrom(FaultyNode.Kind.CHANGES, 1, Errno.ENOSPC);
      assertThatThrownBy(() -> format.allocate(130L * CLUSTER, CLUSTER))
          .isInstanceOfSatisfying(
              BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
      assertThat(format.map(130L * CLUSTER, 1)).isInstanceOf(Mapping.Backing.class);
      node.heal();
      assertThat(nextOffset(format, 3)).isEqualTo(reserved);
      new DriverGuest(format).fill(130L * CLUSTER, CLUSTER, 5);
    }
    Qemu.check(memory);
  }

  @Test
  void aTableWhoseFirstWriteFailedDoesNotLieBehindTheEndOfTheFile() throws IOException {
    MemoryNode memory = before.copy();
    FaultyNode node = new FaultyNode(memory);
    try (Qcow2Format format = Images.open(TestOpening.of(node))) {
      node.failNth(FaultyNode.Kind.WRITE, 1, Errno.EIO);
      assertThatThrownBy(() -> new DriverGuest(format).fill(130L * CLUSTER, CLUSTER, 5))
          .isInstanceOf(BlockIoException.class);
    }
    Qemu.check(memory);
    CheckReport report =
        Qcow2Checker.check("image.qcow2", memory.reopen(), Repair.NONE, finding -> {});
    assertThat(report.corruptions()).isZero();
  }

  @Test
  void aCommitThatFailsGivesItsSpaceBack() throws IOException {
    MemoryNode memory = before.copy();
    FaultyNode node = new FaultyNode(memory);
    // The cache is full of one dirty slice, so that another has to be written back first.
    try (Qcow2Format format =
        Images.open(TestOpening.of(node), "l2-cache-size=2k", "l2-cache-entry-size=1k")) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(130L * CLUSTER, CLUSTER, 4);
      format.flush();
      guest.fill(3 * CLUSTER, CLUSTER, 5);
      long reserved = nextOffset(format, 131);
      try (Allocation allocation = format.allocate(131L * CLUSTER, CLUSTER)) {
        node.failFrom(FaultyNode.Kind.WRITE, 1, Errno.ENOSPC);
        assertThatThrownBy(allocation::commit).isInstanceOf(BlockIoException.class);
      }
      node.heal();
      assertThat(format.map(131L * CLUSTER, 1)).isInstanceOf(Mapping.Backing.class);
      assertThat(nextOffset(format, 131)).isEqualTo(reserved);
      assertThat(guest.read(3 * CLUSTER, CLUSTER)).containsOnly(5);
    }
    Qemu.check(memory);
  }

  private static long nextOffset(Qcow2Format format, int cluster) throws IOException {
    try (Allocation allocation = format.allocate((long) cluster * CLUSTER, CLUSTER)) {
      return allocation.hostOffset();
    }
  }

  @Test
  void afterAFailedFlushNothingIsAcceptedAnyMore() throws IOException {
    FaultyNode node = new FaultyNode(before.copy());
    Qcow2Format format = Images.open(TestOpening.of(node));
    DriverGuest guest = new DriverGuest(format);
    guest.fill(2 * CLUSTER, CLUSTER, 5);
    node.failNth(FaultyNode.Kind.FLUSH, 1, Errno.EIO);
    assertThatThrownBy(format::flush).isInstanceOf(BlockIoException.class);
    assertThatThrownBy(format::flush)
        .hasMessageContaining("an earlier flush failed, and the image must be opened again");
    assertThatThrownBy(() -> guest.fill(9 * CLUSTER, CLUSTER, 5))
        .hasMessageContaining("an earlier flush failed");
    assertThat(guest.read(2 * CLUSTER, CLUSTER)).containsOnly(5);
    assertThatThrownBy(format::close).hasMessageContaining("an earlier flush failed");
    format.close();
  }

  @Test
  void metadataThatFoundNoSpaceIsWrittenByTheNextFlush() throws IOException {
    MemoryNode memory = before.copy();
    FaultyNode node = new FaultyNode(memory);
    try (Qcow2Format format = Images.open(TestOpening.of(node))) {
      new DriverGuest(format).fill(2 * CLUSTER, CLUSTER, 5);
      node.failNth(FaultyNode.Kind.WRITE, 1, Errno.ENOSPC);
      assertThatThrownBy(format::flush).isInstanceOf(BlockIoException.class);
      format.flush();
    }
    Qemu.check(memory);
    try (Qcow2Format format = Images.open(memory.reopen())) {
      assertThat(new DriverGuest(format).read(2 * CLUSTER, CLUSTER)).containsOnly(5);
    }
  }

  @Test
  void aClusterThatCannotBePunchedIsFreeAllTheSame() throws IOException {
    MemoryNode memory = before.copy();
    FaultyNode node = new FaultyNode(memory);
    try (Qcow2Format format = Images.open(TestOpening.of(node))) {
      format.release(0, CLUSTER, ReleaseMode.DISCARD);
      node.failNth(FaultyNode.Kind.DISCARD, 1, Errno.EIO);
      format.flush();
    }
    assertThat(node.failures()).isEqualTo(1);
    Qemu.check(memory);
  }

  @Test
  void aClusterThatCannotBeFreedLeaksWithAWarning() throws IOException {
    TestEnvironment environment = new TestEnvironment();
    MemoryNode memory = before.copy();
    FaultyNode node = new FaultyNode(memory);
    try (Qcow2Format format = Images.open(TestOpening.of(node).withEnvironment(environment))) {
      format.release(0, CLUSTER, ReleaseMode.ZERO_UNMAP);
      node.failNth(FaultyNode.Kind.READ, 1, Errno.EIO);
      format.flush();
      assertThat(environment.raised())
          .singleElement()
          .isInstanceOfSatisfying(
              BlockEvent.Warning.class,
              warning -> assertThat(warning.message()).contains("could not be freed"));
    }
    CheckReport report =
        Qcow2Checker.check("image.qcow2", memory.reopen(), Repair.NONE, finding -> {});
    assertThat(report.leaks()).isEqualTo(1);
    assertThat(report.corruptions()).isZero();
  }

  /** Runs scripts again and again, failing one call later each time, until none is left to fail. */
  private void failEverywhere(Set<FaultyNode.Kind> kinds, Errno errno, boolean forGood)
      throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < 8; i++) {
      GuestScript script = GuestScript.random(random, 8, 0, 1, 2, 130);
      long failures = 1;
      for (int nth = 1; failures > 0; nth++) {
        MemoryNode memory = before.copy();
        FaultyNode node = new FaultyNode(memory).tearWrites();
        if (forGood) {
          node.failFrom(kinds, nth, errno);
        } else {
          node.failNth(kinds, nth, errno);
        }
        String context = "seed %d, %s, %s at call %d".formatted(seed, script, errno, nth);
        run(script, memory, node, context);
        failures = node.failures();
      }
    }
  }

  private void run(GuestScript script, MemoryNode memory, FaultyNode node, String context)
      throws IOException {
    PossibleDisk now = new PossibleDisk(contents, CLUSTER);
    PossibleDisk onDisk = now;
    try (Qcow2Format format = Images.open(TestOpening.of(node))) {
      DriverGuest guest = new DriverGuest(format);
      for (Step step : script.steps()) {
        boolean done = succeeds(step, guest);
        now = now.with(step, done);
        onDisk = done && step.kind() == Kind.FLUSH ? now : onDisk.with(step, false);
      }
      node.heal();
      now.assertHolds(guest.read(0, DISK), context);
      format.flush();
      onDisk = now;
    } catch (BlockIoException e) {
      assertThat(node.failures()).as(context).isPositive();
    }
    List<String> findings = new ArrayList<>();
    CheckReport report =
        Qcow2Checker.check("image.qcow2", memory.reopen(), Repair.NONE, findings::add);
    assertThat(report.corruptions() + report.checkErrors())
        .as("%s: %s", context, findings)
        .isZero();
    try (Qcow2Format format = Images.open(memory.reopen())) {
      onDisk.assertHolds(new DriverGuest(format).read(0, DISK), context + ", reopened");
    }
  }

  private static boolean succeeds(Step step, DriverGuest guest) {
    try {
      step.run(guest, CLUSTER);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
