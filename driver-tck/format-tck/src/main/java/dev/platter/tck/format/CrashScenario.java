package dev.platter.tck.format;

import dev.platter.tck.crash.DiskLog;
import dev.platter.tck.crash.PowerCut;
import dev.platter.tck.crash.PowerCuts;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Requests to a disk, and every state in which a power cut among them can leave its files.
 *
 * <p>After each request the running disk is read, and holds what it has to. Of each state it
 * requires that
 *
 * <ol>
 *   <li>a check finds leaks at worst;
 *   <li>the image opens for writing, and each sector holds a value that it may hold;
 *   <li>further writes change nothing else, and a check finds leaks at worst again: this finds
 *       clusters that are in use and counted as free;
 *   <li>the snapshots inside the image are those that there may be, each can be gone back to, and
 *       holds what it may hold.
 * </ol>
 */
public final class CrashScenario {

  /** Another program that knows the format: looks at states, or at some of them. */
  @FunctionalInterface
  public interface SecondOracle {
    /**
     * Checks the images of a state, and reads the disk. Called before the driver opens them.
     *
     * @param base the plain bytes at the bottom of the chain, if there are any
     * @param images the images of the chain, from the lowest up: what lies below the image, the
     *     image, and the overlays that are on it; or the image and its external data file; all of
     *     them to be left as they are
     * @return the bytes of the disk, which must then be some that it may hold; empty if this state
     *     is not looked at
     * @throws AssertionError if something is wrong with the images
     */
    Optional<byte[]> read(Optional<MemoryNode> base, List<MemoryNode> images) throws IOException;
  }

  /**
   * What a run has done.
   *
   * @param states that a power cut can leave
   * @param distinct those that differ, from each other and from what was seen before, in their
   *     files or in what these may hold: those that were looked at
   */
  public record Result(long states, long distinct) {}

  private final CrashDisk disk;
  private final List<CrashStep> steps;
  private final List<CrashStep> afterwards;
  private final SecondOracle oracle;
  private final Set<Long> seen;
  private final SectorModel[] models;

  CrashScenario(CrashDisk disk, List<CrashStep> steps) {
    this(disk, steps, List.of(), (_, _) -> Optional.empty(), new HashSet<>());
  }

  private CrashScenario(
      CrashDisk disk,
      List<CrashStep> steps,
      List<CrashStep> afterwards,
      SecondOracle oracle,
      Set<Long> seen) {
    this.disk = disk;
    this.steps = List.copyOf(steps);
    this.afterwards = List.copyOf(afterwards);
    this.oracle = oracle;
    this.seen = seen;
    this.models = new SectorModel[steps.size() + 1];
    Arrays.setAll(models, this::model);
  }

  /** A copy that does this to each disk that it finds; without it every sector is written. */
  public CrashScenario afterwards(List<CrashStep> more) {
    return new CrashScenario(disk, steps, more, oracle, seen);
  }

  /** A copy that shows each state to another oracle too. */
  public CrashScenario shownTo(SecondOracle second) {
    return new CrashScenario(disk, steps, afterwards, second, seen);
  }

  /**
   * A copy that does not look at what was seen before.
   *
   * @param known grows; shared by scenarios that do the same afterwards
   */
  public CrashScenario skipping(Set<Long> known) {
    return new CrashScenario(disk, steps, afterwards, oracle, known);
  }

  /**
   * Does the steps, reads after each, cuts the power in every way, and looks.
   *
   * @param seed chooses among states where there are many
   * @throws AssertionError if one of them is not what it has to be
   */
  public Result run(long seed) throws IOException {
    List<MemoryNode> before = new ArrayList<>(disk.image().copy().files());
    FormatImage image = disk.image().copy();
    DiskLog log = new DiskLog();
    try (OpenChain chain = OpenChain.writable(disk.fixture(), image, log::record)) {
      SectorModel running = disk.model();
      for (CrashStep step : steps) {
        chain.perform(step);
        log.mark(step.toString());
        running.took(step, true);
        running.assertNow(chain.node());
        if (step instanceof CrashStep.Snapshot) {
          before.add(new MemoryNode("overlay" + before.size()));
        }
      }
    }
    LongAdder distinct = new LongAdder();
    long states = PowerCuts.forEach(before, log, seed, cut -> look(cut, distinct));
    return new Result(states, distinct.sum());
  }

  /**
   * Looks at every state that the power can be cut in during a log of somebody else's, who did the
   * steps to the image. It is not known when they were done: each sector may hold what any of them
   * leaves, or what it held before.
   *
   * @param log what was done to the image's file
   * @param seed chooses among states where there are many
   * @param failures told of each state that is not what it has to be
   */
  public Result replay(DiskLog log, long seed, Consumer<AssertionError> failures)
      throws IOException {
    for (CrashStep step : steps) {
      models[0].took(step, false);
    }
    LongAdder distinct = new LongAdder();
    long states =
        PowerCuts.forEach(
            List.of(disk.image().file()),
            log,
            seed,
            cut -> {
              try {
                look(cut, distinct);
              } catch (AssertionError e) {
                failures.accept(e);
              }
            });
    return new Result(states, distinct.sum());
  }

  private void look(PowerCut cut, LongAdder distinct) {
    SortedSet<Integer> moments = new TreeSet<>();
    moments.add(Math.min(cut.earliestMarkCount(), steps.size()));
    moments.add(Math.min(cut.latestMarkCount(), steps.size()));
    if (!seen.add(fingerprint(cut, moments))) {
      return;
    }
    distinct.increment();
    try {
      look(cut, moments);
    } catch (IOException | RuntimeException | AssertionError e) {
      throw new AssertionError(
          "%s\n%s\nof %s\nafter %s"
              .formatted(e.getMessage(), cut.description(), steps, cut.marks()),
          e);
    }
  }

  private long fingerprint(PowerCut cut, SortedSet<Integer> moments) {
    long hash = 0;
    for (int moment : moments) {
      hash = (hash + models[moment].fingerprint() + overlayCount(moment)) * 31;
    }
    for (MemoryNode image : cut.images()) {
      hash = Long.rotateLeft(hash * 31 + image.fingerprint(), 17);
    }
    return hash;
  }

  /** The chain has another top once an overlay is on it: then each moment is looked at apart. */
  private void look(PowerCut cut, SortedSet<Integer> moments) throws IOException {
    if (overlayCount(moments.first()) == overlayCount(moments.last())) {
      look(cut.images(), overlayCount(moments.first()), moments);
      return;
    }
    for (int moment : moments) {
      List<MemoryNode> copies = cut.images().stream().map(MemoryNode::copy).toList();
      look(copies, overlayCount(moment), new TreeSet<>(List.of(moment)));
    }
  }

  private int overlayCount(int doneCount) {
    return (int)
        steps.stream().limit(doneCount).filter(CrashStep.Snapshot.class::isInstance).count();
  }

  private void look(List<MemoryNode> files, int overlayCount, SortedSet<Integer> moments)
      throws IOException {
    FormatImage top = disk.image().on(files);
    List<MemoryNode> images = new ArrayList<>(top.imagesBelow());
    images.addAll(files.subList(0, overlayCount + top.files().size()));
    askOracle(images, moments);
    disk.fixture().checkImage(files.getFirst(), true);
    for (int i = 1; i <= overlayCount; i++) {
      top = new FormatImage(disk.fixture(), files.get(i)).over(top);
      disk.fixture().checkImage(files.get(i), true);
    }
    SectorModel found;
    try (OpenChain chain = OpenChain.writable(disk.fixture(), top, (_, file) -> file)) {
      byte[] bytes = SectorModel.read(chain.node());
      for (int moment : moments) {
        models[moment].assertKept(bytes);
      }
      found = SectorModel.holding(bytes);
      for (CrashStep step : furtherSteps(found)) {
        chain.perform(step);
        found.took(step, true);
      }
      found.assertNow(chain.node());
    }
    disk.fixture().checkImage(top.file(), true);
    try (OpenChain chain = OpenChain.readOnly(disk.fixture(), top)) {
      found.assertNow(chain.node());
    }
    lookInside(top, moments);
  }

  /** The further writes have not changed the snapshots inside the image either. */
  private void lookInside(FormatImage image, SortedSet<Integer> moments) throws IOException {
    if (moments.stream().allMatch(moment -> models[moment].hasNoSnapshots())) {
      return;
    }
    Map<String, byte[]> snapshots = OpenChain.readSnapshots(disk.fixture(), image);
    for (int moment : moments) {
      models[moment].assertSnapshots(snapshots);
    }
  }

  private void askOracle(List<MemoryNode> images, SortedSet<Integer> moments) throws IOException {
    Optional<byte[]> theirs = oracle.read(disk.image().base(), images);
    if (theirs.isEmpty()) {
      return;
    }
    try {
      for (int moment : moments) {
        models[moment].assertKept(theirs.get());
      }
    } catch (AssertionError e) {
      throw new AssertionError("read by the second oracle: " + e.getMessage(), e);
    }
  }

  private List<CrashStep> furtherSteps(SectorModel found) {
    return afterwards.isEmpty()
        ? List.of(new CrashStep.Write(0, found.sectorCount(), 60))
        : afterwards;
  }

  /** What the disk may hold when so many steps were done, and the next one had perhaps begun. */
  private SectorModel model(int doneCount) {
    SectorModel model = disk.model();
    for (int i = 0; i < Math.min(steps.size(), doneCount + 1); i++) {
      model.took(steps.get(i), i < doneCount);
    }
    return model;
  }
}
