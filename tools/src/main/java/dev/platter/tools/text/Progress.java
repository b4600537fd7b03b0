package dev.platter.tools.text;

import java.io.PrintStream;

/**
 * The progress of long work in percent, on one line that is written over: {@code (94.12/100%)}.
 *
 * <p>As with QEMU, a number appears when it is at least the given step above the last one, at 0 and
 * at 100.
 */
public final class Progress {
  private static final double END = 100;

  private final PrintStream out;
  private final boolean shown;
  private final double step;
  private double current;
  private double printed;

  /**
   * @param out where it appears
   * @param shown whether it does
   * @param step how much the number grows at least before it is written again, in percent
   */
  public Progress(PrintStream out, boolean shown, double step) {
    this.out = out;
    this.shown = shown;
    this.step = step;
  }

  /** How much of the whole a part is; nothing is done at once. */
  public static double percent(long done, long total) {
    return total == 0 ? END : done * END / total;
  }

  /** Goes on by a share of the whole work. */
  public void advance(double percent) {
    at(current + percent);
  }

  /** Says where the work stands, between 0 and 100. */
  public void at(double percent) {
    current = Math.min(percent, END);
    if (current > printed + step || current < printed || current == 0 || current == END) {
      printed = current;
      print();
    }
  }

  private void print() {
    if (shown) {
      out.print("    (" + Numbers.fixed(current, 2) + "/100%)\r");
      out.flush();
    }
  }

  /** Leaves the line. */
  public void end() {
    if (shown) {
      out.print('\n');
      out.flush();
    }
  }
}
