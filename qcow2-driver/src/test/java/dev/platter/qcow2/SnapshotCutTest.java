package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.driver.SnapshottableFormat.SnapshotInfo;
import dev.platter.api.driver.SnapshottableFormat.SnapshotRequest;
import dev.platter.api.error.BlockException;
import dev.platter.api.error.Errno;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cuts the power, and fails each call to the file, while a snapshot is created, applied or deleted.
 * In every state the image has the old snapshots and contents or the new ones, and a check finds
 * nothing at all: not even leaks.
 */
class SnapshotCutTest {
  private static final int CLUSTERS = 80;

  private final long seed = Long.getLong("platter.seed", 1);

  /** What is done while the power may fail. */
  enum Change {
    CREATE {
      @Override
      void perform(Qcow2Format format) throws IOException {
        format.createSnapshot(SnapshotRequest.ofDisk("new", Instant.EPOCH));
      }
    },
    APPLY {
      @Override
      void perform(Qcow2Format format) throws IOException {
        format.applySnapshot("1");
      }
    },
    DELETE {
      @Override
      void perform(Qcow2Format format) throws IOException {
        format.deleteSnapshot("1");
      }
    };

    abstract void perform(Qcow2Format format) throws IOException;
  }

  /** A change of one kind of image. */
  record Case(Change change, int clusterBytes, int refcountBits, String compat) {}

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (Change change : Change.values()) {
      cases.add(new Case(change, 512, 16, "1.1"));
      cases.add(new Case(change, 1024, 16, "0.10"));
    }
    return cases;
  }

  /** What an image holds: the disk, then its snapshots. */
  private record Contents(List<ByteBuffer> disks) {
    ByteBuffer disk() {
      return disks.getFirst();
    }

    List<ByteBuffer> snapshots() {
      return disks.subList(1, disks.size());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void changeSurvivesEveryPowerCut(Case each) throws IOException {
    MemoryNode before = image(each);
    RecordingNode running = new RecordingNode(before.copy());
    MemoryNode done = before.copy();
    perform(each.change(), running);
    perform(each.change(), done);
    Contents old = contents(before);
    Contents changed = contents(done);
    assertThat(changed).isNotEqualTo(old);
    boolean[] seen = new boolean[2];
    long states =
        PowerCuts.forEach(
            before,
            running.changes(),
            seed,
            cut -> {
              String what = "%s, -Dplatter.seed=%d, %s".formatted(each, seed, cut.description());
              seen[look(cut.image(), old, changed, what) ? 1 : 0] = true;
              staysSound(cut.image(), each, what);
            });
    System.out.printf("cuts during %s: %,d states, 0 failures, seed %d%n", each, states, seed);
    assertThat(states).isGreaterThan(6);
    assertThat(seen).as("old and new states").containsExactly(true, true);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void failureLeavesTheImageAsItWasOrChanged(Case each) throws IOException {
    MemoryNode before = image(each);
    MemoryNode done = before.copy();
    perform(each.change(), done);
    Contents old = contents(before);
    Contents changed = contents(done);
    for (Errno errno : List.of(Errno.EIO, Errno.ENOSPC)) {
      long failures = 1;
      for (int nth = 1; failures > 0; nth++) {
        MemoryNode file = before.copy();
        FaultyNode faulty = new FaultyNode(file);
        Set<FaultyNode.Kind> kinds =
            errno == Errno.EIO ? FaultyNode.Kind.ALL : Set.of(FaultyNode.Kind.WRITE);
        faulty.failNth(kinds, nth, errno);
        try {
          perform(each.change(), faulty);
        } catch (BlockException e) {
          assertThat(faulty.failures()).isPositive();
        }
        failures = faulty.failures();
        look(file, old, changed, "%s, call %d fails with %s".formatted(each, nth, errno));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void imageGoesOnAfterAFailureAndNotAfterAHeaderThatCouldNotBeFlushed(Case each)
      throws IOException {
    MemoryNode before = image(each);
    int flushes = flushesOf(each, before);
    for (int nth : new int[] {flushes - 1, flushes}) { // before the header, and behind it
      MemoryNode file = before.copy();
      FaultyNode faulty = new FaultyNode(file);
      boolean last = nth == flushes;
      try (Qcow2Format format = Images.open(faulty)) {
        DriverGuest guest = new DriverGuest(format);
        faulty.failNth(Set.of(FaultyNode.Kind.FLUSH), nth, Errno.EIO);
        assertThatThrownBy(() -> each.change().perform(format)).isInstanceOf(BlockException.class);
        if (last) {
          assertThatThrownBy(() -> guest.read(0, 512)).hasMessageContaining("opened again");
        } else {
          assertThat(guest.read(0, 512)).containsOnly(7);
        }
      }
    }
  }

  /** How often a change flushes, nothing else being there to flush. */
  private static int flushesOf(Case each, MemoryNode before) throws IOException {
    FaultyNode counting = new FaultyNode(before.copy());
    try (Qcow2Format format = Images.open(counting)) {
      each.change().perform(format);
      return (int) counting.calls(FaultyNode.Kind.FLUSH);
    }
  }

  /** Clusters of every kind, shared with two snapshots and not. */
  private static MemoryNode image(Case each) throws IOException {
    int unit = each.clusterBytes();
    MemoryNode image =
        NewImages.create(
            (long) CLUSTERS * unit,
            "cluster_size=" + unit,
            "refcount_bits=" + each.refcountBits(),
            "compat=" + each.compat());
    try (Qcow2Format format = Images.open(image.reopen())) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, 3 * unit, 1);
      guest.fill(70L * unit, unit, 2);
      guest.release(unit, unit, ReleaseMode.ZERO_KEEP);
      format.createSnapshot(SnapshotRequest.ofDisk("first", Instant.EPOCH));
      guest.fill(0, unit, 7);
      guest.fill(5L * unit, 3 * unit, 4);
      guest.release(70L * unit, unit, ReleaseMode.DISCARD);
      format.createSnapshot(SnapshotRequest.ofDisk("second", Instant.EPOCH));
      guest.fill(6L * unit, unit, 5);
      guest.fill(10L * unit, 2 * unit, 6);
    }
    return image;
  }

  private static void perform(Change change, BlockNode image) throws IOException {
    try (Qcow2Format format = Images.open(image)) {
      change.perform(format);
    }
  }

  /** Whether the image holds the changed contents; it must hold them or the old ones. */
  private static boolean look(MemoryNode image, Contents old, Contents changed, String what)
      throws IOException {
    List<String> findings = new ArrayList<>();
    Qcow2Checker.check("image.qcow2", image, Repair.NONE, findings::add);
    assertThat(findings).as(what).isEmpty();
    Contents found = contents(image);
    boolean isChanged = found.equals(changed);
    assertThat(isChanged || found.equals(old)).as(what).isTrue();
    return isChanged;
  }

  /** Finds clusters that are in use and counted as free. */
  private static void staysSound(MemoryNode image, Case each, String what) throws IOException {
    Contents before = contents(image);
    try (Qcow2Format format = Images.open(image.reopen())) {
      new DriverGuest(format).fill(0, CLUSTERS * each.clusterBytes(), 9);
    }
    Contents after = contents(image);
    assertThat(after.disk().array()).as(what).containsOnly(9);
    assertThat(after.snapshots()).as(what).isEqualTo(before.snapshots());
    CheckReport report = Qcow2Checker.check("image.qcow2", image, Repair.NONE, _ -> {});
    assertThat(report.corruptions() + report.checkErrors()).as(what).isZero();
  }

  private static Contents contents(MemoryNode image) throws IOException {
    List<ByteBuffer> disks = new ArrayList<>();
    List<SnapshotInfo> infos;
    try (Qcow2Format format = readOnly(image)) {
      disks.add(read(format));
      infos = format.snapshots();
    }
    for (SnapshotInfo info : infos) {
      try (Qcow2Format format = readOnly(image, "snapshot.id=" + info.id())) {
        disks.add(read(format));
      }
    }
    return new Contents(disks);
  }

  private static ByteBuffer read(Qcow2Format format) throws IOException {
    return ByteBuffer.wrap(new DriverGuest(format).read(0, (int) format.size()));
  }

  private static Qcow2Format readOnly(MemoryNode image, String... options) throws IOException {
    return Images.open(TestOpening.of(image.reopenReadOnly()).withReadOnly(), options);
  }
}
