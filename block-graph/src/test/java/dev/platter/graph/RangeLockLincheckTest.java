package dev.platter.graph;

import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.junit.jupiter.api.Test;

/** Cells that only the range lock keeps threads from changing at once. */
@Param(name = "start", gen = IntGen.class, conf = "0:2")
@Param(name = "length", gen = IntGen.class, conf = "1:2")
public class RangeLockLincheckTest {
  private final RangeLock lock = new RangeLock();
  private final int[] cells = new int[4];

  /** Adds one to each cell of a range, and sums them up. */
  @Operation(params = {"start", "length"})
  public int add(int start, int length) {
    int sum = 0;
    try (RangeLock.Held _ = lock.lock(start, start + length)) {
      for (int i = start; i < start + length; i++) {
        cells[i]++;
        sum += cells[i];
      }
    }
    return sum;
  }

  /** Moves what is in one cell to its neighbour. */
  @Operation(params = "start")
  public int move(int start) {
    try (RangeLock.Held _ = lock.lock(start, start + 2)) {
      cells[start + 1] += cells[start];
      cells[start] = 0;
      return cells[start + 1];
    }
  }

  @Test
  void overlappingRangesExcludeEachOther() {
    new ModelCheckingOptions()
        .iterations(Integer.getInteger("platter.lincheck.scenarios", 2))
        .invocationsPerIteration(500)
        .threads(3)
        .actorsPerThread(2)
        .check(getClass());
  }
}
