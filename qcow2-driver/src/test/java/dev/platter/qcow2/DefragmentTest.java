package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.AmendableFormat.Amendment;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.api.error.BlockException;
import dev.platter.api.error.Errno;
import dev.platter.api.option.OptionValue;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import dev.platter.tck.fake.RecordingNode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Brings images of every kind into the disk's order: they hold what they held, and power cuts and
 * failures leave them sound, with leaks at worst.
 */
class DefragmentTest {
  private final long seed = Long.getLong("platter.seed", 1);

  private static RelayoutImage.Change defragment(int spareBytes) {
    return format -> format.defragment(spareBytes, _ -> {});
  }

  static List<RelayoutImage> images() {
    return List.of(
        new RelayoutImage(512, 400),
        new RelayoutImage(512, 200, 30_000, List.of("refcount_bits=64")),
        new RelayoutImage(1024, 200, "compat=0.10"),
        new RelayoutImage(16384, 100, "extended_l2=on"),
        new RelayoutImage(4096, 100, "encrypt.format=aes", "encrypt.key-secret=one"));
  }

  @ParameterizedTest
  @MethodSource("images")
  void diskLiesInItsOwnOrder(RelayoutImage kind) throws IOException {
    for (boolean snapshots : new boolean[] {false, true}) {
      MemoryNode image = kind.create(snapshots, seed);
      RelayoutImage.Contents before = kind.contents(image);
      CheckReport old = RelayoutImage.check(image, false, kind.toString());

      kind.perform(defragment(7 * kind.clusterBytes()), image.reopen());

      String what = "%s, seed %d".formatted(kind, seed);
      CheckReport now = RelayoutImage.check(image, false, what);
      kind.checkWithQemu(image);
      assertThat(kind.contents(image)).as(what).isEqualTo(before);
      assertThat(scattered(now)).as(what).isLessThan(scattered(old));
      assertThat(breaks(image)).as(what).isZero();
    }
  }

  /** Fragments, but for compressed clusters, each of which counts as one. */
  private static long scattered(CheckReport report) {
    return report.fragmentedClusters() - report.compressedClusters();
  }

  /** How often the disk's next cluster lies before the one before it. */
  private static long breaks(MemoryNode image) throws IOException {
    ImageFile file = new ImageFile(image);
    GuestOrder order = new GuestOrder(file, HeaderCodec.decode("image.qcow2", file));
    long breaks = 0;
    long last = 0;
    for (long cluster = order.next(); cluster != 0; cluster = order.next()) {
      breaks += cluster > last ? 0 : 1;
      last = cluster;
    }
    return breaks;
  }

  @Test
  void fileGrowsByNoMoreThanIsAllowed() throws IOException {
    RelayoutImage kind = new RelayoutImage(512, 300);
    MemoryNode image = kind.create(true, seed);
    kind.perform(format -> format.compact(_ -> {}), image.reopen());
    RecordingNode running = new RecordingNode(image.copy());
    kind.perform(defragment(16 * 512), running);
    long end = 0;
    for (Operation operation : running.changes()) {
      if (operation instanceof Operation.Write write) {
        end = Math.max(end, write.offset() + write.bytes().byteSize());
      }
    }
    assertThat(end).isLessThanOrEqualTo(image.size() + 17 * 512); // and a refcount block
  }

  @Test
  void placesThatNoRefcountBlockCountsAreSteppedOver() throws IOException {
    int cluster = 512;
    int disk = 600 * cluster;
    CrashVariant kind = new CrashVariant(cluster, 3, 16, false, false);
    MemoryNode image = kind.image(disk, Optional.empty());
    byte[] before;
    try (Qcow2Format format = Images.open(image.reopen())) {
      DriverGuest guest = new DriverGuest(format);
      for (int at = 0; at < 600; at += 64) {
        guest.fill((long) at * cluster, cluster, 1); // the L2 tables lie in front
      }
      for (int at = 0; at < 600; at++) {
        guest.fill((long) at * cluster, cluster, 1 + at % 60);
      }
      format.flush();
      guest.release(50L * cluster, 450L * cluster, ReleaseMode.ZERO_UNMAP);
      before = guest.read(0, disk);
    }
    Map<String, OptionValue> width = Map.of("refcount_bits", OptionValue.of("64"));
    try (Qcow2Format format = Images.open(image.reopen())) {
      format.amend(new Amendment(Qcow2AmendOptions.SCHEMA.read("amend", width), false, _ -> {}));
    }
    assertThat(uncountedRanges(image)).isPositive();

    try (Qcow2Format format = Images.open(image.reopen())) {
      format.defragment(16L * cluster, _ -> {});
    }
    RelayoutImage.check(image, false, "with a hole in the refcount table");
    try (Qcow2Format format = Images.open(image.reopen())) {
      assertThat(new DriverGuest(format).read(0, disk)).isEqualTo(before);
    }
  }

  private static int uncountedRanges(MemoryNode image) throws IOException {
    ImageFile file = new ImageFile(image);
    Qcow2Header header = HeaderCodec.decode("image.qcow2", file);
    StoredRefcounts stored = new StoredRefcounts(file, header.geometry(), header.refcountTable());
    int blockBits = header.geometry().refcountBlockBits();
    long end = stored.storedBefore((long) stored.tableEntryCount() << blockBits);
    int ranges = 0;
    for (long first = 0; first < end; first += 1L << blockBits) {
      ranges += stored.stored(first) ? 0 : 1;
    }
    return ranges;
  }

  @Test
  void imageInOrderStaysAsItIs() throws IOException {
    RelayoutImage kind = new RelayoutImage(512, 200);
    MemoryNode image = kind.create(false, seed);
    kind.perform(defragment(1 << 20), image.reopen());
    assertThat(kind.perform(defragment(1 << 20), image.reopen()).bytesMoved()).isZero();
  }

  @Test
  void orderingSurvivesEveryPowerCutAndGoesOn() throws IOException {
    RelayoutImage kind = new RelayoutImage(512, 20);
    MemoryNode before = kind.create(true, seed);
    RelayoutImage.Contents contents = kind.contents(before);
    RecordingNode running = new RecordingNode(before.copy());
    kind.perform(defragment(8 * 512), running);
    long states =
        PowerCuts.forEach(
            before,
            running.changes(),
            seed,
            cut -> {
              String what = "%s, -Dplatter.seed=%d, %s".formatted(kind, seed, cut.description());
              MemoryNode image = cut.image();
              RelayoutImage.check(image, true, what);
              assertThat(kind.contents(image).disks()).as(what).isEqualTo(contents.disks());
              kind.perform(defragment(1 << 20), image.reopen());
              RelayoutImage.check(image, false, what);
              assertThat(kind.contents(image).disks()).as(what).isEqualTo(contents.disks());
              assertThat(breaks(image)).as(what).isZero();
            });
    System.out.printf("cuts during ordering: %,d states, 0 failures, seed %d%n", states, seed);
    assertThat(states).isGreaterThan(100);
  }

  @Test
  void faultAtEveryThirdCallLeavesASoundImage() throws IOException {
    RelayoutImage kind = new RelayoutImage(512, 20);
    MemoryNode before = kind.create(true, seed);
    RelayoutImage.Contents contents = kind.contents(before);
    long failures = 1;
    for (int nth = 1; failures > 0; nth += 3) {
      MemoryNode file = before.copy();
      FaultyNode faulty = new FaultyNode(file);
      faulty.failNth(FaultyNode.Kind.ALL, nth, Errno.EIO);
      try {
        kind.perform(defragment(8 * 512), faulty);
      } catch (BlockException e) {
        assertThat(faulty.failures()).isPositive();
      }
      failures = faulty.failures();
      String what = "call %d fails".formatted(nth);
      RelayoutImage.check(file, true, what);
      assertThat(kind.contents(file).disks()).as(what).isEqualTo(contents.disks());
    }
  }
}
