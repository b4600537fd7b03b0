package dev.platter.harness.stress;

import java.util.List;

/**
 * A guest's request as its history knows it.
 *
 * @param values what was read or written, by sector; of other requests nothing
 * @param begin before the request was made available, in nanoseconds
 * @param end after its completion was seen
 * @param completed whether the device said that it succeeded
 */
record StressOperation(
    Kind kind,
    long firstSector,
    int sectorCount,
    List<Long> values,
    long begin,
    long end,
    boolean completed) {

  /** What the request was for. */
  enum Kind {
    READ,
    WRITE,
    WRITE_ZEROES,
    DISCARD,
    FLUSH
  }

  /**
   * Adds what this means for one of its sectors.
   *
   * @param again whether the device may have tried it more than once
   */
  void addTo(SectorHistory history, int index, boolean again) {
    switch (kind) {
      case READ -> {
        if (completed) {
          history.read(values.get(index), begin, end);
        }
      }
      case WRITE -> {
        history.wrote(values.get(index), begin, end, completed);
        if (again) {
          history.mayHaveBeenDoneAgain(values.get(index));
        }
      }
      case WRITE_ZEROES -> {
        if (completed) {
          history.zeroed(begin, end);
        } else {
          history.mayHaveZeroed(begin, Long.MAX_VALUE);
        }
      }
      case DISCARD -> history.mayHaveZeroed(begin, completed ? end : Long.MAX_VALUE);
      case FLUSH -> {}
    }
  }
}
