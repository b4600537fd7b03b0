package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.Preallocation;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.qcow2.GuestScript.Kind;
import dev.platter.qcow2.GuestScript.Step;
import dev.platter.tck.fake.CrowdedNode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What was acknowledged can be flushed, however little space the host has: a request that needs
 * tables takes their space, or fails.
 */
class AcknowledgedWriteTest {
  private static final int SECTOR_BYTES = 512;

  private final long seed = Long.getLong("platter.seed", 5);
  private final Random random = new Random(seed);
  private int clusterBytes;
  private int diskBytes;
  private MemoryNode before;
  private byte[] contents;

  private void create(int clusterBytes, int clusterCount, int filledClusters, String... options)
      throws IOException {
    this.clusterBytes = clusterBytes;
    this.diskBytes = clusterCount * clusterBytes;
    List<String> all = new ArrayList<>(List.of(options));
    all.add("cluster_size=" + clusterBytes);
    all.add("refcount_bits=64");
    before = NewImages.create(diskBytes, all.toArray(String[]::new));
    try (Qcow2Format format = Images.open(before)) {
      DriverGuest guest = new DriverGuest(format);
      guest.fill(5L * clusterBytes, filledClusters * clusterBytes, 2);
      contents = guest.read(0, diskBytes);
    }
  }

  @Test
  void aNewTableHasItsSpaceBeforeTheWriteIsDone() throws IOException {
    create(1024, 256, 100);
    everyFlushHasRoom(6, 10, 0, 6, 120, 125, 126, 127, 128, 130);
  }

  @Test
  void soHasANewRefcountBlock() throws IOException {
    create(1024, 256, 114);
    everyFlushHasRoom(6, 10, 0, 6, 125, 126, 127, 130, 131, 132);
  }

  @Test
  void soHasARefcountTableThatMoves() throws IOException {
    create(512, 4200, 3963);
    everyFlushHasRoom(1, 20, 4000, 4001, 4002, 4003, 4070, 4071, 4072, 4073);
  }

  @Test
  void soHasWhatLazyRefcountsPostpone() throws IOException {
    create(1024, 256, 114, "lazy_refcounts=on");
    everyFlushHasRoom(4, 10, 0, 6, 125, 126, 127, 130, 131, 132);
  }

  /** As an image is that was created and not yet written to: its tables are a hole. */
  @Test
  void soHasAPartOfTheL1TableThatIsAHole() throws IOException {
    create(1024, 256, 0);
    for (int left = 0; left < 8; left++) {
      MemoryNode image = before.copy();
      long l1Offset = HeaderCodec.decode("image", new ImageFile(image)).l1Table().offset();
      long end = image.size();
      image.resize(l1Offset, Preallocation.OFF);
      CrowdedNode file = new CrowdedNode(image, (long) left * SECTOR_BYTES);
      file.resize(end, Preallocation.OFF);
      PossibleDisk possible = new PossibleDisk(contents, clusterBytes);
      try (Qcow2Format format = Images.open(TestOpening.of(file))) {
        for (int cluster = 0; cluster < 3; cluster++) {
          Step step = new Step(Kind.WRITE, cluster, 10 + cluster);
          possible = possible.with(step, attempt(step, new DriverGuest(format), possible));
          format.flush();
        }
      }
      assertClean(image, "%d sectors left".formatted(left));
    }
  }

  private void everyFlushHasRoom(int scripts, int length, int... clusters) throws IOException {
    for (int i = 0; i < scripts; i++) {
      GuestScript script = GuestScript.random(random, length, clusters);
      long failures = 1;
      for (int left = 0; failures > 0; left++) {
        failures = flushes(script, left);
      }
    }
  }

  /** Runs a script with this many sectors left; returns how many requests failed. */
  private long flushes(GuestScript script, int leftSectors) throws IOException {
    String context = "seed %d, %s, %d sectors left".formatted(seed, script, leftSectors);
    MemoryNode image = before.copy();
    CrowdedNode file = new CrowdedNode(image, (long) leftSectors * SECTOR_BYTES);
    PossibleDisk possible = new PossibleDisk(contents, clusterBytes);
    long failures = 0;
    try (Qcow2Format format = Images.open(TestOpening.of(file))) {
      DriverGuest guest = new DriverGuest(format);
      for (Step step : script.steps()) {
        if (step.kind() == Kind.FLUSH) {
          step.run(guest, clusterBytes); // never fails
        } else {
          boolean done = attempt(step, guest, possible);
          possible = possible.with(step, done);
          failures += done ? 0 : 1;
        }
      }
      possible.assertHolds(guest.read(0, diskBytes), context);
    } catch (BlockIoException e) {
      throw new AssertionError(context, e);
    }
    assertClean(image, context);
    try (Qcow2Format format = Images.open(image.reopen())) {
      possible.assertHolds(new DriverGuest(format).read(0, diskBytes), context);
    }
    return failures;
  }

  private boolean attempt(Step step, DriverGuest guest, PossibleDisk before) throws IOException {
    try {
      step.run(guest, clusterBytes);
      return true;
    } catch (BlockIoException e) {
      assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
      before.assertHolds(guest.read(0, diskBytes), "after a request that failed");
      return false;
    }
  }

  private static void assertClean(MemoryNode image, String context) throws IOException {
    List<String> findings = new ArrayList<>();
    CheckReport report =
        Qcow2Checker.check("image.qcow2", image.reopen(), Repair.NONE, findings::add);
    assertThat(report.clean()).as("%s: %s", context, findings).isTrue();
  }
}
