package dev.platter.qcow2;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Ranges of a file that may overlap, such as the L1 tables of snapshots: each byte is visited once,
 * with the number of ranges that it is in.
 */
final class TableSweep {
  /** What is done with each part of the file. */
  interface Visitor {
    /**
     * Looks at bytes of the file.
     *
     * @param times how many of the ranges hold all of these bytes
     */
    void visit(long offset, long bytes, long times) throws IOException;
  }

  private final List<Long> starts = new ArrayList<>();
  private final List<Long> ends = new ArrayList<>();

  /** Adds a range of at least one byte. */
  void add(long offset, long bytes) {
    starts.add(offset);
    ends.add(Math.addExact(offset, bytes));
  }

  /** Visits what is in at least one range, in order. */
  void forEach(Visitor visitor) throws IOException {
    starts.sort(null);
    ends.sort(null);
    long at = 0;
    int begun = 0;
    for (int ended = 0; ended < ends.size(); ended++) {
      while (begun < starts.size() && starts.get(begun) < ends.get(ended)) {
        visit(visitor, at, starts.get(begun), begun - ended);
        at = starts.get(begun);
        begun++;
      }
      visit(visitor, at, ends.get(ended), begun - ended);
      at = ends.get(ended);
    }
  }

  private static void visit(Visitor visitor, long offset, long end, int times) throws IOException {
    if (end > offset && times > 0) {
      visitor.visit(offset, end - offset, times);
    }
  }
}
