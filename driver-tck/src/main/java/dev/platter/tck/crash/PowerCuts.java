package dev.platter.tck.crash;

import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.Operation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Works out the states that a power cut can leave behind a log of operations.
 *
 * <p>The model: what was done to a disk before its last completed flush is on it. Of the changes
 * after that (the <i>window</i>) any may have reached the disk, in any order; one of them may be
 * torn between 512-byte sectors. Disks share nothing: a flush of one says nothing of another. So
 * for each window:
 *
 * <ul>
 *   <li>up to six changes: every subset; for each also with every change in turn torn (its first
 *       half written, its last half, every other sector); and, where changes overlap, in every
 *       other order, or in reverse order where more than four do;
 *   <li>more changes: none, all, each prefix, all but one, only one, and seeded random subsets,
 *       each also with a random change torn.
 * </ul>
 */
public final class PowerCuts {

  /** Looks at one state. */
  @FunctionalInterface
  public interface Visitor {
    /** May change the images of {@code cut}, which are made for this call. */
    void visit(PowerCut cut) throws IOException;
  }

  private final Visitor visitor;
  private final Window window;
  private final List<MemoryNode> durable = new ArrayList<>();
  private final List<String> marks = new ArrayList<>();
  private final List<Integer> markIndexes = new ArrayList<>();
  private int windowStart;
  private long visited;

  private PowerCuts(List<MemoryNode> before, long seed, Visitor visitor) {
    before.forEach(disk -> durable.add(disk.copy()));
    this.window = new Window(new SplittableRandom(seed));
    this.visitor = visitor;
  }

  /**
   * Visits the states of one disk.
   *
   * @param before the disk before the first operation; it is not changed
   * @param log what was done to it, as a {@link dev.platter.tck.fake.RecordingNode} recorded it
   * @param seed chooses the random states
   * @return how many states were visited
   */
  public static long forEach(MemoryNode before, List<Operation> log, long seed, Visitor visitor)
      throws IOException {
    return forEach(List.of(before), DiskLog.of(log), seed, visitor);
  }

  /**
   * Visits the states of several disks.
   *
   * @param before the disks before the first operation, by index; they are not changed
   * @param log what was done to them
   * @param seed chooses the random states
   * @return how many states were visited
   */
  public static long forEach(List<MemoryNode> before, DiskLog log, long seed, Visitor visitor)
      throws IOException {
    PowerCuts cuts = new PowerCuts(before, seed, visitor);
    List<DiskLog.Entry> entries = log.entries();
    for (int index = 0; index < entries.size(); index++) {
      cuts.step(index, entries.get(index));
    }
    cuts.window.forEach(cuts::visit);
    return cuts.visited;
  }

  private void step(int index, DiskLog.Entry entry) throws IOException {
    switch (entry.operation()) {
      case Operation.Read _ -> {}
      case Operation.Mark mark -> {
        marks.add(mark.text());
        markIndexes.add(index);
      }
      case Operation.Flush _ -> {
        if (window.holds(entry.diskIndex())) {
          window.forEach(this::visit);
        }
        for (Change change : window.takeDurable(entry.diskIndex())) {
          Disk.apply(durable.get(entry.diskIndex()), change.operation());
        }
        windowStart = index + 1;
      }
      case Operation.Write _, Operation.WriteZeroes _, Operation.Discard _, Operation.Resize _ ->
          window.add(new Change(index, entry.diskIndex(), entry.operation()));
    }
  }

  private void visit(Survivors survivors) throws IOException {
    List<MemoryNode> images = new ArrayList<>();
    durable.forEach(disk -> images.add(disk.copy()));
    int cutIndex = windowStart;
    for (int i = 0; i < survivors.changes().size(); i++) {
      Change change = survivors.changes().get(i);
      cutIndex = Math.max(cutIndex, change.index() + 1);
      MemoryNode image = images.get(change.diskIndex());
      if (i == survivors.tornIndex()) {
        Disk.applyTorn(image, change.operation(), survivors.tear());
      } else {
        Disk.apply(image, change.operation());
      }
    }
    visited++;
    visitor.visit(
        new PowerCut(
            survivors, windowStart, cutIndex, List.copyOf(marks), markCount(cutIndex), images));
  }

  private int markCount(int index) {
    int count = 0;
    while (count < markIndexes.size() && markIndexes.get(count) < index) {
      count++;
    }
    return count;
  }
}
