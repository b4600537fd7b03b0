package dev.platter.tools.text;

/** How QEMU's programs write sizes for people. */
public final class Sizes {
  private static final String[] PREFIXES = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  private static final double UNIT = 1024;

  private Sizes() {}

  /**
   * A size in three significant digits, as {@code qemu-img} writes it: {@code 64 MiB}, {@code 1.5
   * GiB}. The next prefix is taken from 1000 on, so that no number has four digits.
   */
  public static String rounded(long bytes) {
    int power = 0;
    double value = bytes;
    // 999.5 would be rounded to 1000; QEMU changes the prefix at 1000 exactly.
    while (value >= 1000 && power < PREFIXES.length - 1) {
      value /= UNIT;
      power++;
    }
    return threeDigits(value) + " " + PREFIXES[power] + "B";
  }

  /**
   * A size with three decimals unless they are zeros, as {@code qemu-io} writes it: {@code 64 KiB},
   * {@code 1.500 KiB}, {@code 512 bytes}.
   */
  public static String exact(double bytes) {
    int power = 0;
    double value = bytes;
    while (value >= UNIT && power < PREFIXES.length - 1) {
      value /= UNIT;
      power++;
    }
    String number = power == 0 ? Numbers.fixed(value, 6) : Numbers.fixed(value, 3);
    int zeros = number.indexOf(".000");
    return (zeros < 0 ? number : number.substring(0, zeros))
        + (power == 0 ? " bytes" : " " + PREFIXES[power] + "B");
  }

  /** {@link #exact(double)} of a size. */
  public static String exact(long bytes) {
    return exact((double) bytes); // as inexact as the original is above 2^53
  }

  /** C's {@code %.3g} for numbers from 0 to below 1024. */
  private static String threeDigits(double value) {
    if (value >= 999.5) {
      return "1e+03";
    }
    int decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3;
    return Numbers.withoutTrailingZeros(Numbers.fixed(value, decimals));
  }
}
