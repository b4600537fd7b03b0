package dev.platter.tools.text;

import dev.platter.tools.Terminal;
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
  private final PrintStream err;
  private final boolean shown;
  private final double step;
  private final ProgressSignal signal;
  private double current;
  private double printed;

  /**
   * @param terminal where it appears
   * @param shown whether it does without being asked for
   * @param step how much the number grows at least before it is written again, in percent
   */
  public Progress(Terminal terminal, boolean shown, double step) {
    this(terminal, shown, step, new ProgressSignal());
    signal.listen();
  }

  Progress(Terminal terminal, boolean shown, double step, ProgressSignal signal) {
    this.out = terminal.out();
    this.err = terminal.err();
    this.shown = shown;
    this.step = step;
    this.signal = signal;
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
    boolean asked = signal.wasAsked();
    if (shown) {
      out.print(text() + "\r");
      out.flush();
    } else if (asked) {
      err.print(text() + "\n");
    }
  }

  private String text() {
    return "    (" + Numbers.fixed(current, 2) + "/100%)";
  }

  /** Leaves the line. */
  public void end() {
    if (shown) {
      out.print('\n');
      out.flush();
    }
  }
}
