package dev.platter.benchmarks.compare;

/**
 * One row of the table: the medians of both sides.
 *
 * @param group which part of the comparison
 * @param what what was done
 * @param unit what the figures count, {@code IOPS} or {@code s}
 * @param platter Platter's median
 * @param qemu QEMU's median
 * @param spread the larger side's (largest - smallest) / median
 * @param goal what the ratio should be at least; 0 for none
 */
record Result(
    String group,
    String what,
    String unit,
    double platter,
    double qemu,
    double spread,
    double goal) {

  /** How much faster Platter is. */
  double ratio() {
    return unit.equals("s") ? qemu / platter : platter / qemu;
  }

  /** The row for a person. */
  String text() {
    String verdict = goal == 0 ? "" : ratio() >= goal ? "yes" : "NO";
    return "%-9s %-52s %12s %12s %8.2f %7s %4s  %3.0f %%"
        .formatted(
            group,
            what,
            figure(platter),
            figure(qemu),
            ratio(),
            goal == 0 ? "" : ">= " + plain(goal),
            verdict,
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
        Double.toString(qemu),
        "%.3f".formatted(ratio()),
        plain(goal),
        "%.3f".formatted(spread));
  }

  private String figure(double value) {
    return unit.equals("s") ? "%.3f s".formatted(value) : "%,.0f".formatted(value);
  }

  private static String plain(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
