package dev.platter.tck.crash;

import dev.platter.tck.fake.MemoryNode;
import java.util.List;

/** One state that a power cut can leave behind. Made for one call of a visitor. */
public final class PowerCut {
  private final Survivors survivors;
  private final int windowStart;
  private final List<String> allMarks;
  private final int earliestMarkCount;
  private final List<MemoryNode> images;
  private final int operationIndex;

  PowerCut(
      Survivors survivors,
      int windowStart,
      int operationIndex,
      List<String> allMarks,
      int earliestMarkCount,
      List<MemoryNode> images) {
    this.survivors = survivors;
    this.windowStart = windowStart;
    this.operationIndex = operationIndex;
    this.allMarks = allMarks;
    this.earliestMarkCount = earliestMarkCount;
    this.images = images;
  }

  /** Which changes reached the disks, for the message of a failing test. */
  public String description() {
    return "cut after operation %d with%s".formatted(windowStart, survivors);
  }

  /** The earliest moment of such a cut: operations of the log before this index had been issued. */
  public int operationIndex() {
    return operationIndex;
  }

  /** The marks that the log holds before the earliest moment of such a cut, in order. */
  public List<String> marks() {
    return List.copyOf(allMarks.subList(0, earliestMarkCount));
  }

  /** How many {@link #marks} there are. */
  public int earliestMarkCount() {
    return earliestMarkCount;
  }

  /**
   * How many marks the log holds before the latest moment of such a cut, which is the end of the
   * window. The state must do for the earliest moment, for the latest, and for all between.
   */
  public int latestMarkCount() {
    return allMarks.size();
  }

  /** The first disk as it is found after the cut; the visitor's own copy. */
  public MemoryNode image() {
    return images.getFirst();
  }

  /** The disks as they are found after the cut, by index; the visitor's own copies. */
  public List<MemoryNode> images() {
    return images;
  }
}
