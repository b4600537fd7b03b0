package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.CompactableFormat.Relayout;
import dev.platter.api.error.BlockException;
import dev.platter.api.error.CorruptImageException;
import dev.platter.api.error.Errno;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.FaultyNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Compacts images of every kind: they hold what they held, and their files end where that ends.
 * Power cuts and failures leave them sound, with leaks at worst, and the next call goes on.
 */
class CompactTest {
  private static final RelayoutImage.Change COMPACT = format -> format.compact(_ -> {});

  private final long seed = Long.getLong("platter.seed", 1);

  static List<RelayoutImage> images() {
    return List.of(
        new RelayoutImage(512, 400),
        new RelayoutImage(512, 200, 30_000, List.of()),
        new RelayoutImage(512, 300, "refcount_bits=64"),
        new RelayoutImage(1024, 200, "compat=0.10"),
        new RelayoutImage(4096, 150, "compression_type=zstd", "lazy_refcounts=on"),
        new RelayoutImage(16384, 100, "extended_l2=on"),
        new RelayoutImage(4096, 100, "encrypt.format=aes", "encrypt.key-secret=one"));
  }

  static List<RelayoutImage> smallImages() {
    return List.of(new RelayoutImage(512, 40), new RelayoutImage(1024, 30, "compat=0.10"));
  }

  @ParameterizedTest
  @MethodSource("images")
  void fileEndsBehindWhatItHolds(RelayoutImage kind) throws IOException {
    for (boolean snapshots : new boolean[] {false, true}) {
      MemoryNode image = kind.create(snapshots, seed);
      RelayoutImage.Contents before = kind.contents(image);
      long oldBytes = image.size();
      long inUse = RelayoutImage.inUse(image);

      Relayout done = kind.perform(COMPACT, image.reopen());

      String what = "%s, seed %d".formatted(kind, seed);
      RelayoutImage.check(image, false, what);
      kind.checkWithQemu(image);
      assertThat(kind.contents(image)).as(what).isEqualTo(before);
      assertThat(done.bytesBefore()).as(what).isEqualTo(oldBytes);
      assertThat(done.bytesAfter()).as(what).isEqualTo(image.size()).isLessThanOrEqualTo(oldBytes);
      long end = Math.ceilDiv(image.size(), kind.clusterBytes());
      assertThat(end).as(what).isLessThanOrEqualTo(inUse + 2);
    }
  }

  @Test
  void imageOfRefcountsOfOneBitStaysCountable() throws IOException {
    RelayoutImage kind = new RelayoutImage(512, 300, "refcount_bits=1");
    MemoryNode image = kind.create(false, seed);
    RelayoutImage.Contents before = kind.contents(image);
    kind.perform(COMPACT, image.reopen());
    RelayoutImage.check(image, false, kind.toString());
    assertThat(kind.contents(image)).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("smallImages")
  void compactionSurvivesEveryPowerCutAndGoesOn(RelayoutImage kind) throws IOException {
    MemoryNode before = kind.create(true, seed);
    RelayoutImage.Contents contents = kind.contents(before);
    RecordingNode running = new RecordingNode(before.copy());
    compactInSteps(running);
    AtomicInteger leaking = new AtomicInteger();
    long states =
        PowerCuts.forEach(
            before,
            running.changes(),
            seed,
            cut -> {
              String what = "%s, -Dplatter.seed=%d, %s".formatted(kind, seed, cut.description());
              MemoryNode image = cut.image();
              if (RelayoutImage.check(image, true, what).leaks() > 0) {
                leaking.incrementAndGet();
              }
              assertThat(kind.contents(image).disks()).as(what).isEqualTo(contents.disks());
              goesOn(kind, image, contents, what);
            });
    System.out.printf(
        "cuts during compaction of %s: %,d states, %,d with leaks, 0 failures, seed %d%n",
        kind, states, leaking.get(), seed);
    assertThat(states).isGreaterThan(100);
    assertThat(leaking.get()).isPositive();
  }

  /** As the format does it, with few clusters at once, so that it takes several steps. */
  private static void compactInSteps(BlockNode image) throws IOException {
    TestOpening opening = TestOpening.of(image);
    Qcow2Header header = HeaderCodec.decode("image.qcow2", new ImageFile(image));
    new ImageRelayout(ImageOpening.of(opening, header), Optional.empty(), 5).compact(_ -> {});
  }

  private static void goesOn(
      RelayoutImage kind, MemoryNode image, RelayoutImage.Contents contents, String what)
      throws IOException {
    kind.perform(COMPACT, image.reopen());
    RelayoutImage.check(image, false, what);
    assertThat(kind.contents(image).disks()).as(what).isEqualTo(contents.disks());
    assertThat(Math.ceilDiv(image.size(), kind.clusterBytes()))
        .as(what)
        .isLessThanOrEqualTo(RelayoutImage.inUse(image) + 2);
  }

  @ParameterizedTest
  @MethodSource("smallImages")
  void faultAtEveryCallLeavesASoundImage(RelayoutImage kind) throws IOException {
    MemoryNode before = kind.create(true, seed);
    RelayoutImage.Contents contents = kind.contents(before);
    for (Errno errno : List.of(Errno.EIO, Errno.ENOSPC)) {
      Set<FaultyNode.Kind> kinds =
          errno == Errno.EIO ? FaultyNode.Kind.ALL : Set.of(FaultyNode.Kind.WRITE);
      long failures = 1;
      for (int nth = 1; failures > 0; nth++) {
        MemoryNode file = before.copy();
        FaultyNode faulty = new FaultyNode(file);
        faulty.failNth(kinds, nth, errno);
        try {
          kind.perform(COMPACT, faulty);
        } catch (BlockException e) {
          assertThat(faulty.failures()).isPositive();
        }
        failures = faulty.failures();
        String what = "%s, call %d fails with %s".formatted(kind, nth, errno);
        RelayoutImage.check(file, true, what);
        assertThat(kind.contents(file).disks()).as(what).isEqualTo(contents.disks());
        if (nth % 32 == 0) {
          goesOn(kind, file, contents, what);
        }
      }
    }
  }

  @Test
  void imageWithErrorsStaysAsItIs() throws IOException {
    RelayoutImage kind = new RelayoutImage(512, 60);
    MemoryNode image = kind.create(true, seed);
    ImageFile file = new ImageFile(image);
    Qcow2Header header = HeaderCodec.decode("image.qcow2", file);
    long cluster = header.geometry().clusterIndex(header.l1Table().offset());
    StoredRefcounts stored = new StoredRefcounts(file, header.geometry(), header.refcountTable());
    stored.set(cluster, 0);
    stored.write();
    assertThatThrownBy(() -> kind.perform(COMPACT, image.reopen()))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("repair it before it is laid out anew");
  }

  @Test
  void imageIsWrittenToAfterwards() throws IOException {
    RelayoutImage kind = new RelayoutImage(512, 60);
    MemoryNode image = kind.create(true, seed);
    try (Qcow2Format format = kind.open(image.reopen())) {
      format.compact(_ -> {});
      new DriverGuest(format).fill(0, 60 * 512, 9);
    }
    RelayoutImage.check(image, false, kind.toString());
    assertThat(kind.contents(image).disks().getFirst().array()).containsOnly(9);
  }
}
