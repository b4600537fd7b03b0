package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.driver.FormatDriver;
import dev.platter.qcow2.GuestScript.Kind;
import dev.platter.qcow2.GuestScript.Step;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.RecordingNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An image, requests to it, and every state that a power cut among them can leave: each sector
 * holds what it may hold, the checker finds leaks at worst, and the image can be written on without
 * harm. An image that was left dirty need not be right in its refcounts before it was opened for
 * writing, and must be afterwards.
 */
final class PowerCutRun {
  /** Of the openings that mend a dirty image, one in so many is cut as well. */
  private static final int CUT_OPENINGS = 25;

  private final Qcow2DriverProvider provider = new Qcow2DriverProvider();
  private final MemoryNode before;
  private final MemorySegment below;
  private final int clusterBytes;
  private final int diskBytes;
  private final int freshCluster;
  private final byte[] contents;
  private final long seed;
  private MemoryNode after;
  private long stateCount;
  private long dirtyCount;
  private long openingCount;

  /**
   * @param before the image, closed; not changed
   * @param below what shows through where nothing is allocated
   * @param freshCluster a guest cluster that no request is for
   * @param seed chooses among states where there are many
   */
  PowerCutRun(MemoryNode before, byte[] below, int freshCluster, long seed) throws IOException {
    this.before = before;
    this.below = MemorySegment.ofArray(below);
    this.freshCluster = freshCluster;
    this.seed = seed;
    Qcow2Header header = HeaderCodec.decode(before.name(), new ImageFile(before));
    this.clusterBytes = header.geometry().clusterBytes();
    this.diskBytes = (int) header.diskBytes();
    this.contents = read(before);
  }

  /** How many states were looked at. */
  long stateCount() {
    return stateCount;
  }

  /** How many of them were dirty. */
  long dirtyCount() {
    return dirtyCount;
  }

  /** How many openings of dirty images were cut in their turn. */
  long openingCount() {
    return openingCount;
  }

  /** Clusters of the file after the last script. */
  long usedClusters() {
    return after.size() / clusterBytes;
  }

  /** Runs a script, and looks at every state. */
  void cutDuring(GuestScript script) throws IOException {
    after = before.copy();
    RecordingNode node = new RecordingNode(after);
    List<Integer> begins = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    try (FormatDriver format = provider.open(TestOpening.of(node))) {
      DriverGuest guest = new DriverGuest(format, below);
      for (Step step : script.steps()) {
        begins.add(node.changes().size());
        step.run(guest, clusterBytes);
        ends.add(node.changes().size());
      }
    }
    assertThat(dirty(after)).as("%s, closed", script).isFalse();
    assertNoCorruption(after, script + ", closed");
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
    if (dirty(node)) {
      possible.assertHolds(read(node), context + ", read while dirty");
      if (dirtyCount++ % CUT_OPENINGS == 0) {
        cutDuringOpening(node, possible, context);
      }
    } else {
      assertNoCorruption(node, context);
    }
    staysHealthy(node, possible, context);
  }

  /** Cuts the power while the image is mended because somebody opens it. */
  private void cutDuringOpening(MemoryNode dirty, PossibleDisk possible, String context)
      throws IOException {
    RecordingNode node = new RecordingNode(dirty.copy());
    provider.open(TestOpening.of(node)).close();
    openingCount++;
    PowerCuts.forEach(
        dirty,
        node.changes(),
        seed,
        cut -> {
          String inOpening = context + ", opened, " + cut.description();
          if (!dirty(cut.image())) {
            assertNoCorruption(cut.image(), inOpening);
          }
          staysHealthy(cut.image(), possible, inOpening);
        });
  }

  private void staysHealthy(MemoryNode node, PossibleDisk possible, String context)
      throws IOException {
    byte[] found;
    try (FormatDriver format = provider.open(TestOpening.of(node.reopen()))) {
      DriverGuest guest = new DriverGuest(format, below);
      found = guest.read(0, diskBytes);
      possible.assertHolds(found, context);
      guest.fill((long) freshCluster * clusterBytes, clusterBytes, 99);
      guest.fill(3L * clusterBytes, clusterBytes, 98);
    }
    assertThat(dirty(node)).as(context).isFalse();
    assertNoCorruption(node, context + ", then written");
    Arrays.fill(found, freshCluster * clusterBytes, (freshCluster + 1) * clusterBytes, (byte) 99);
    Arrays.fill(found, 3 * clusterBytes, 4 * clusterBytes, (byte) 98);
    assertThat(Arrays.equals(read(node), found)).as("%s, then written", context).isTrue();
  }

  /** The guest's bytes; the image stays as it is. */
  private byte[] read(MemoryNode node) throws IOException {
    try (FormatDriver format =
        provider.open(TestOpening.of(node.reopenReadOnly()).withReadOnly())) {
      return new DriverGuest(format, below).read(0, diskBytes);
    }
  }

  private static boolean dirty(MemoryNode node) throws IOException {
    return HeaderCodec.decode(node.name(), new ImageFile(node.reopenReadOnly())).features().dirty();
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
