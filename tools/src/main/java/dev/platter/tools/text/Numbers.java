package dev.platter.tools.text;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Numbers as C's {@code printf} writes them: half to even, on the exact binary value. */
public final class Numbers {
  private Numbers() {}

  /** C's {@code %.Nf}. */
  public static String fixed(double value, int decimals) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (value == (long) value) {
      return decimals == 0
          ? Long.toString((long) value)
          : (long) value + "." + "0".repeat(decimals);
    }
    return new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
  }

  /** The number without zeros at the end of its decimals, and without a lone point. */
  static String withoutTrailingZeros(String number) {
    if (number.indexOf('.') < 0) {
      return number;
    }
    int end = number.length();
    while (number.charAt(end - 1) == '0') {
      end--;
    }
    return number.substring(0, number.charAt(end - 1) == '.' ? end - 1 : end);
  }
}
