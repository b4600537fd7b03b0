package dev.platter.benchmarks.compare;

import java.util.Locale;

/**
 * What a row should reach.
 *
 * @param kind what is looked at
 * @param value how much it should be
 */
record Goal(Kind kind, double value) {
  /** No goal. */
  static final Goal NONE = new Goal(Kind.NONE, 0);

  /** What a goal is about. */
  enum Kind {
    NONE,
    RATIO_AT_LEAST,
    AT_LEAST,
    AT_MOST
  }

  /** So many times as fast as QEMU. */
  static Goal ratio(double least) {
    return new Goal(Kind.RATIO_AT_LEAST, least);
  }

  /** At least so much, whatever QEMU does. */
  static Goal atLeast(double least) {
    return new Goal(Kind.AT_LEAST, least);
  }

  /** At most so much, whatever QEMU does. */
  static Goal atMost(double most) {
    return new Goal(Kind.AT_MOST, most);
  }

  /** Whether a row reaches it; true if there is none. */
  boolean reachedBy(Result result) {
    return switch (kind) {
      case NONE -> true;
      case RATIO_AT_LEAST -> result.ratio() >= value;
      case AT_LEAST -> result.platter() >= value;
      case AT_MOST -> result.platter() <= value;
    };
  }

  /** For a person; empty if there is none. */
  String text(String unit) {
    return switch (kind) {
      case NONE -> "";
      case RATIO_AT_LEAST -> ">= " + plain() + " x";
      case AT_LEAST -> ">= " + plain() + " " + unit;
      case AT_MOST -> "<= " + plain() + " " + unit;
    };
  }

  private String plain() {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%,d", (long) value)
        : Double.toString(value);
  }
}
