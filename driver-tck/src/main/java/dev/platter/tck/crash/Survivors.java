package dev.platter.tck.crash;

import java.util.List;

/**
 * The changes of a window that reached the disks.
 *
 * @param changes in the order in which they did
 * @param tornIndex which of them did so in part; -1 for none
 * @param tear which part of that one did
 */
record Survivors(List<Change> changes, int tornIndex, Tear tear) {

  /** Which sectors of a torn change are written. */
  enum Tear {
    FIRST_HALF,
    LAST_HALF,
    EVERY_OTHER
  }

  /** All of these, whole. */
  static Survivors whole(List<Change> changes) {
    return new Survivors(changes, -1, Tear.FIRST_HALF);
  }

  /** All of these, one of them torn. */
  static Survivors torn(List<Change> changes, int tornIndex, Tear tear) {
    return new Survivors(changes, tornIndex, tear);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < changes.size(); i++) {
      text.append(' ').append(changes.get(i));
      if (i == tornIndex) {
        text.append('(').append(tear).append(')');
      }
    }
    return text.toString();
  }
}
