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
 * <p>The model: everything before the last completed flush is on the disk. Of the changes after it
 * (the <i>window</i>) any may have reached the disk, in any order; one of them may be torn between
 * 512-byte sectors. So for each window:
 *
 * <ul>
 *   <li>up to six changes: every subset; for each also with every change in turn torn, its first
 *       half written and its last half written; and, where changes overlap, in reverse order;
 *   <li>more changes: none, all, each prefix, all but one, only one, and seeded random subsets,
 *       each also with a random change torn.
 * </ul>
 */
public final class PowerCuts {
  private static final int ENUMERATED_CHANGES = 6;
  private static final int RANDOM_SUBSETS = 24;
  private static final int SECTOR_BYTES = 512;

  /** Looks at one state. */
  @FunctionalInterface
  public interface Visitor {
    /** May change {@code cut.image()}, which is made for this call. */
    void visit(PowerCut cut) throws IOException;
  }

  private record Change(int index, Operation operation) {}

  private record MarkAt(int index, String text) {}

  private final SplittableRandom random;
  private final Visitor visitor;
  private final List<MarkAt> marks = new ArrayList<>();
  private final List<Change> window = new ArrayList<>();
  private final MemoryNode durable;
  private int windowStart;
  private long visited;

  private PowerCuts(MemoryNode before, long seed, Visitor visitor) {
    this.durable = before.copy();
    this.random = new SplittableRandom(seed);
    this.visitor = visitor;
  }

  /**
   * Visits the states.
   *
   * @param before the disk before the first operation; it is not changed
   * @param log what was done to it, as a {@link dev.platter.tck.fake.RecordingNode} recorded it
   * @param seed chooses the random states
   * @return how many states were visited
   */
  public static long forEach(MemoryNode before, List<Operation> log, long seed, Visitor visitor)
      throws IOException {
    PowerCuts cuts = new PowerCuts(before, seed, visitor);
    for (int index = 0; index < log.size(); index++) {
      cuts.step(index, log.get(index));
    }
    cuts.visitWindow();
    return cuts.visited;
  }

  private void step(int index, Operation operation) throws IOException {
    switch (operation) {
      case Operation.Read _ -> {}
      case Operation.Mark mark -> {
        marks.add(new MarkAt(index, mark.text()));
        if (window.isEmpty()) {
          windowStart = index + 1;
        }
      }
      case Operation.Flush _ -> {
        visitWindow();
        for (Change change : window) {
          Disk.apply(durable, change.operation());
        }
        window.clear();
        windowStart = index + 1;
      }
      case Operation.Write _, Operation.WriteZeroes _, Operation.Discard _, Operation.Resize _ ->
          window.add(new Change(index, operation));
    }
  }

  private void visitWindow() throws IOException {
    if (window.size() <= ENUMERATED_CHANGES) {
      for (int subset = 0; subset < 1 << window.size(); subset++) {
        visitEnumerated(chosen(subset));
      }
    } else {
      visitSampled();
    }
  }

  private List<Change> chosen(int subset) {
    List<Change> chosen = new ArrayList<>();
    for (int i = 0; i < window.size(); i++) {
      if ((subset >>> i & 1) != 0) {
        chosen.add(window.get(i));
      }
    }
    return chosen;
  }

  private void visitEnumerated(List<Change> chosen) throws IOException {
    visit(chosen, -1, false);
    if (overlapping(chosen)) {
      visit(chosen.reversed(), -1, false);
    }
    for (int torn = 0; torn < chosen.size(); torn++) {
      if (Disk.sectorCount(chosen.get(torn).operation(), SECTOR_BYTES) > 1) {
        visit(chosen, torn, false);
        visit(chosen, torn, true);
      }
    }
  }

  private void visitSampled() throws IOException {
    int count = window.size();
    visitSample(window);
    for (int i = 0; i < count; i++) {
      visitSample(window.subList(0, i));
      visitSample(window.subList(i, i + 1));
      List<Change> allButOne = new ArrayList<>(window);
      allButOne.remove(i);
      visitSample(allButOne);
    }
    for (int i = 0; i < RANDOM_SUBSETS; i++) {
      visitSample(window.stream().filter(_ -> random.nextBoolean()).toList());
    }
  }

  private void visitSample(List<Change> chosen) throws IOException {
    visit(chosen, -1, false);
    if (!chosen.isEmpty()) {
      visit(chosen, random.nextInt(chosen.size()), random.nextBoolean());
    }
  }

  /** Visits one state: the chosen changes in this order, one of them half written. */
  private void visit(List<Change> chosen, int torn, boolean lastHalf) throws IOException {
    MemoryNode image = durable.copy();
    int cutIndex = windowStart;
    StringBuilder description =
        new StringBuilder("cut after operation %d with".formatted(windowStart));
    for (int i = 0; i < chosen.size(); i++) {
      Change change = chosen.get(i);
      cutIndex = Math.max(cutIndex, change.index() + 1);
      description.append(" #%d[%s]".formatted(change.index(), change.operation()));
      if (i == torn) {
        Disk.applyHalf(image, change.operation(), lastHalf, SECTOR_BYTES);
        description.append(lastHalf ? "(last half)" : "(first half)");
      } else {
        Disk.apply(image, change.operation());
      }
    }
    visited++;
    visitor.visit(new PowerCut(description.toString(), cutIndex, marksBefore(cutIndex), image));
  }

  private List<String> marksBefore(int index) {
    return marks.stream().filter(mark -> mark.index() < index).map(MarkAt::text).toList();
  }

  private static boolean overlapping(List<Change> chosen) {
    for (int i = 0; i < chosen.size(); i++) {
      for (int j = i + 1; j < chosen.size(); j++) {
        if (Disk.overlap(chosen.get(i).operation(), chosen.get(j).operation())) {
          return true;
        }
      }
    }
    return false;
  }
}
