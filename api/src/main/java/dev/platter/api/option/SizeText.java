package dev.platter.api.option;

import dev.platter.api.error.OptionException;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * QEMU's way of writing numbers and sizes.
 *
 * <p>A size is decimal or {@code 0x} hexadecimal with an optional suffix of one letter out of
 * {@code bBkKmMgGtTpPeE} (powers of 1024). A fraction needs a suffix above bytes and is not
 * possible with hexadecimal; it is rounded to the nearest byte. There are no exponents and no
 * two-letter suffixes. Spaces and a plus sign may stand in front, as C's {@code strtoull} has it.
 */
public final class SizeText {
  private static final Pattern DECIMAL =
      Pattern.compile("\\s*\\+?(\\d+)(?:\\.(\\d*))?([bkmgtpe])?", Pattern.CASE_INSENSITIVE);
  private static final Pattern HEXADECIMAL =
      Pattern.compile("\\s*\\+?0x([0-9a-f]+)([kmgtp])?", Pattern.CASE_INSENSITIVE);
  private static final Pattern WHOLE =
      Pattern.compile("\\s*([+-]?)(?:0x([0-9a-f]+)|(\\d+))", Pattern.CASE_INSENSITIVE);
  private static final int MAXIMUM_DIGITS = 64;
  private static final String SUFFIXES = "bkmgtpe";
  private static final BigInteger TWO_TO_64 = BigInteger.ONE.shiftLeft(64);

  private SizeText() {}

  /**
   * Reads a size.
   *
   * @param name the option's name, for messages
   * @return the size in bytes, below 2^64
   */
  public static BigInteger bytes(String name, String text) throws OptionException {
    return below64(name, text, find(text).orElseThrow(() -> notSize(name, text)));
  }

  /**
   * Reads a size of any magnitude.
   *
   * @return the size in bytes, of more than {@value #MAXIMUM_DIGITS} digits any number that is out
   *     of every range; empty if {@code text} is not written as a size
   */
  public static Optional<BigInteger> find(String text) {
    Matcher hexadecimal = HEXADECIMAL.matcher(text);
    if (hexadecimal.matches()) {
      BigInteger digits = magnitude(hexadecimal.group(1), 16);
      return Optional.of(digits.shiftLeft(shiftOf(hexadecimal.group(2))));
    }
    Matcher decimal = DECIMAL.matcher(text);
    if (!decimal.matches()) {
      return Optional.empty();
    }
    int shift = shiftOf(decimal.group(3));
    double fraction = fractionOf(decimal.group(2));
    if (fraction != 0 && shift == 0) {
      return Optional.empty();
    }
    // As QEMU computes it, down to the last bit of a double.
    long fractionBytes = (long) (fraction * (1L << shift) + 0.5);
    BigInteger whole = magnitude(decimal.group(1), 10).shiftLeft(shift);
    return Optional.of(whole.add(BigInteger.valueOf(fractionBytes)));
  }

  /** Reads a whole number as C's {@code strtoull} does with base 0: hexadecimal, octal, decimal. */
  static BigInteger wholeNumber(String name, String text) throws OptionException {
    Matcher matcher = WHOLE.matcher(text);
    if (!matcher.matches()) {
      throw notNumber(name, text);
    }
    BigInteger magnitude;
    try {
      magnitude =
          matcher.group(2) != null
              ? magnitude(matcher.group(2), 16)
              : magnitude(matcher.group(3), matcher.group(3).startsWith("0") ? 8 : 10);
    } catch (NumberFormatException e) {
      throw notNumber(name, text); // an octal number with an 8 or a 9
    }
    if (magnitude.compareTo(TWO_TO_64) >= 0) {
      throw outOfRange(name, text, "Value '%s' is too large for parameter '%s'");
    }
    boolean negative = matcher.group(1).equals("-") && magnitude.signum() != 0;
    return negative ? TWO_TO_64.subtract(magnitude) : magnitude;
  }

  /**
   * Writes a size with the largest suffix that leaves it whole: {@code 2621440} is {@code 2560K}.
   */
  public static String shortest(long bytes) {
    int index = 0;
    long number = bytes;
    while (number != 0 && number % 1024 == 0 && index < SUFFIXES.length() - 1) {
      number /= 1024;
      index++;
    }
    return index == 0
        ? Long.toString(number)
        : number + String.valueOf(Character.toUpperCase(SUFFIXES.charAt(index)));
  }

  private static BigInteger magnitude(String digits, int radix) {
    int start = 0;
    while (start < digits.length() - 1 && digits.charAt(start) == '0') {
      start++;
    }
    // To read a long number whole would take time that grows with the square of its length.
    int end = Math.min(digits.length(), start + MAXIMUM_DIGITS);
    return new BigInteger(digits.substring(start, end), radix);
  }

  private static int shiftOf(String suffix) {
    return suffix == null ? 0 : 10 * SUFFIXES.indexOf(suffix.toLowerCase(Locale.ROOT));
  }

  private static double fractionOf(String digits) {
    return digits == null || digits.isEmpty() ? 0 : Double.parseDouble("0." + digits);
  }

  private static BigInteger below64(String name, String text, BigInteger value)
      throws OptionException {
    if (value.compareTo(TWO_TO_64) >= 0) {
      throw outOfRange(name, text, "Value '%s' is out of range for parameter '%s'");
    }
    return value;
  }

  private static OptionException outOfRange(String name, String text, String message) {
    return new OptionException(
        new OptionProblem(
            name, message.formatted(text, name), text, "below 2^64", Optional.empty()));
  }

  private static OptionException notNumber(String name, String text) {
    return new OptionException(
        new OptionProblem(
            name,
            "Parameter '%s' expects a number".formatted(name),
            text,
            "a whole number",
            Optional.empty()));
  }

  private static OptionException notSize(String name, String text) {
    return new OptionException(
        new OptionProblem(
            name,
            "Parameter '%s' expects a non-negative number below 2^64".formatted(name),
            text,
            "a number with an optional suffix k, M, G, T, P or E",
            Optional.empty()));
  }
}
