package dev.platter.benchmarks.compare;

import java.util.Locale;

/**
 * One row of the table: the medians of both sides.
 *
 * @param group which part of the comparison
 * @param what what was done
 * @param unit what the figures count: {@code IOPS}, {@code s}, {@code req/s} or {@code B}
 * @param platter Platter's median
 * @param qemu QEMU's median, or what else Platter's is compared with; NaN if there is nothing
 * @param spread the larger side's (largest - smallest) / median
 * @param goal what the row should reach
 */
record Result(
    String group, String what, String unit, double platter, double qemu, double spread, Goal goal) {

  /** The heading of {@link #text}. */
  static final String HEADING =
      String.format(
          Locale.ROOT,
          "%-9s %-56s %12s %12s %7s %15s %8s %7s",
          "group",
          "what",
          "Platter",
          "QEMU",
          "ratio",
          "goal",
          "reached",
          "spread");

  /** How much faster Platter is; NaN if there is nothing to compare with. */
  double ratio() {
    return unit.equals("s") ? qemu / platter : platter / qemu;
  }

  /** Whether it has a goal. */
  boolean hasGoal() {
    return goal.kind() != Goal.Kind.NONE;
  }

  /** Whether its goal is reached; true if it has none. */
  boolean reached() {
    return goal.reachedBy(this);
  }

  /** The row for a person. */
  String text() {
    return String.format(
        Locale.ROOT,
        "%-9s %-56s %12s %12s %7s %15s %8s %5.0f %%",
        group,
        what,
        figure(platter),
        figure(qemu),
        ratioText(),
        goal.text(unit),
        verdict(),
        100 * spread);
  }

  /** The row of a Markdown table; without the group, under which it stands. */
  String markdown() {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %s | %s | %s | %s | %.0f %% |",
        what,
        figure(platter),
        figure(qemu),
        ratioText(),
        goal.text(unit),
        verdict(),
        100 * spread);
  }

  /** The row for a program. */
  String tsv() {
    return String.join(
        "\t",
        group,
        what,
        unit,
        Double.toString(platter),
        Double.isNaN(qemu) ? "" : Double.toString(qemu),
        ratioText(),
        goal.text(unit),
        verdict(),
        String.format(Locale.ROOT, "%.3f", spread));
  }

  private String verdict() {
    return !hasGoal() ? "" : reached() ? "yes" : "NO";
  }

  private String ratioText() {
    return Double.isNaN(qemu) ? "" : String.format(Locale.ROOT, "%.2f", ratio());
  }

  private String figure(double value) {
    if (Double.isNaN(value)) {
      return "";
    }
    return switch (unit) {
      case "s" -> String.format(Locale.ROOT, "%.3f s", value);
      case "B" -> String.format(Locale.ROOT, "%,.2f B", value);
      default -> String.format(Locale.ROOT, "%,.0f", value);
    };
  }
}
