package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.FormatDriver;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Cuts the power while an image is mended that an earlier power cut has left with leaks, or marked
 * dirty. In every state all data is there, and mending it again ends what the first time began.
 *
 * <p>{@code -Dplatter.repair.images=N} sets how many images are mended in each way.
 */
class RepairCutTest {
  private static final int IMAGES = Integer.getInteger("platter.repair.images", 12);
  private static final int CLUSTER = 1024;
  private static final int DISK_BYTES = 160 * CLUSTER;
  private static final int FREE_CLUSTER = 150;

  private final long seed = Long.getLong("platter.seed", 1);
  private final Random random = new Random(seed);

  /** A way to mend an image, and which images are mended so. */
  enum Mending {
    CHECK_LEAKS(false) {
      @Override
      void mend(BlockNode image) throws IOException {
        check(image, Repair.LEAKS);
      }
    },
    CHECK_ALL(false) {
      @Override
      void mend(BlockNode image) throws IOException {
        check(image, Repair.ALL);
      }
    },
    CHECK_ALL_OF_DIRTY(true) {
      @Override
      void mend(BlockNode image) throws IOException {
        check(image, Repair.ALL);
      }
    },
    OPEN_DIRTY(true) {
      @Override
      void mend(BlockNode image) throws IOException {
        open(image).close();
      }
    };

    private final boolean dirty;

    Mending(boolean dirty) {
      this.dirty = dirty;
    }

    abstract void mend(BlockNode image) throws IOException;
  }

  @ParameterizedTest
  @EnumSource(Mending.class)
  void mendingSurvivesEveryPowerCut(Mending mending) throws IOException {
    long stateCount = 0;
    for (int done = 0; done < IMAGES; ) {
      for (MemoryNode image : left(mending.dirty)) {
        stateCount += cutDuring(mending, image);
        done++;
      }
    }
    System.out.printf(
        "cuts during %s: %d images or more, %,d states, 0 failures, seed %d%n",
        mending, IMAGES, stateCount, seed);
    assertThat(stateCount).isGreaterThan(IMAGES);
  }

  /** A few of the images that a power cut during a guest's requests leaves to be mended. */
  private List<MemoryNode> left(boolean dirty) throws IOException {
    int refcountBits = 1 << random.nextInt(7);
    MemoryNode before =
        NewImages.create(
            DISK_BYTES,
            "cluster_size=" + CLUSTER,
            "refcount_bits=" + refcountBits,
            "lazy_refcounts=" + (dirty ? "on" : "off"));
    try (FormatDriver format = open(before.reopen())) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(0, 2 * CLUSTER, 1);
      guest.release(CLUSTER, CLUSTER, ReleaseMode.ZERO_KEEP);
      guest.fill(5L * CLUSTER, 8 * CLUSTER, 2);
    }
    RecordingNode running = new RecordingNode(before.copy());
    try (FormatDriver format = open(running)) {
      DriverGuest guest = new DriverGuest(format);
      for (GuestScript.Step step : GuestScript.random(random, 8, 0, 1, 2, 6, 130).steps()) {
        step.run(guest, CLUSTER);
      }
    }
    List<MemoryNode> left = new ArrayList<>();
    PowerCuts.forEach(
        before,
        running.changes(),
        random.nextLong(),
        cut -> {
          if (dirty ? dirty(cut.image()) : check(cut.image(), Repair.NONE).leaks() > 0) {
            left.add(cut.image());
          }
        });
    Collections.shuffle(left, random);
    return left.subList(0, Math.min(3, left.size()));
  }

  private long cutDuring(Mending mending, MemoryNode image) throws IOException {
    byte[] contents = read(image);
    RecordingNode node = new RecordingNode(image.copy());
    mending.mend(node);
    return PowerCuts.forEach(
        image,
        node.changes(),
        seed,
        cut -> {
          String what = "%s, -Dplatter.seed=%d, %s".formatted(mending, seed, cut.description());
          MemoryNode found = cut.image();
          assertThat(read(found)).as(what).isEqualTo(contents);
          if (!dirty(found)) {
            requireSound(check(found, Repair.NONE), what);
          }
          mending.mend(found.reopen());
          requireClean(found, what);
          staysSound(found, contents, what);
        });
  }

  /**
   * One more write harms nothing. Leaks may show that no check has found before: of clusters behind
   * what was the end of the file.
   */
  private static void staysSound(MemoryNode image, byte[] contents, String what)
      throws IOException {
    try (FormatDriver format = open(image.reopen())) {
      new DriverGuest(format).fill((long) FREE_CLUSTER * CLUSTER, CLUSTER, 9);
    }
    byte[] expected = contents.clone();
    Arrays.fill(expected, FREE_CLUSTER * CLUSTER, (FREE_CLUSTER + 1) * CLUSTER, (byte) 9);
    assertThat(read(image)).as(what).isEqualTo(expected);
    requireSound(check(image, Repair.NONE), what + ", then written");
  }

  private static void requireClean(MemoryNode image, String what) throws IOException {
    List<String> findings = new ArrayList<>();
    Qcow2Checker.check("image.qcow2", image, Repair.NONE, findings::add);
    assertThat(findings).as(what).isEmpty();
  }

  private static void requireSound(CheckReport report, String what) {
    assertThat(report.corruptions() + report.checkErrors()).as(what).isZero();
  }

  private static CheckReport check(BlockNode image, Repair repair) throws IOException {
    return Qcow2Checker.check("image.qcow2", image, repair, _ -> {});
  }

  private static FormatDriver open(BlockNode image) throws IOException {
    return new Qcow2DriverProvider().open(TestOpening.of(image));
  }

  /** The guest's bytes; the image stays as it is. */
  private static byte[] read(MemoryNode image) throws IOException {
    try (FormatDriver format =
        new Qcow2DriverProvider().open(TestOpening.of(image.reopenReadOnly()).withReadOnly())) {
      return new DriverGuest(format).read(0, DISK_BYTES);
    }
  }

  private static boolean dirty(MemoryNode image) throws IOException {
    return HeaderCodec.decode(image.name(), new ImageFile(image.reopenReadOnly()))
        .features()
        .dirty();
  }
}
