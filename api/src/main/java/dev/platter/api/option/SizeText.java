package dev.platter.api.option;

import dev.platter.api.error.OptionException;
import java.math.BigDecimal;
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
 * possible with hexadecimal. There are no exponents and no two-letter suffixes.
 */
public final class SizeText {
  private static final Pattern DECIMAL = Pattern.compile("(\\d+)(\\.\\d*)?([bkmgtpe])?");
  private static final Pattern HEXADECIMAL = Pattern.compile("0x([0-9a-f]+)([kmgtp])?");
  private static final Pattern WHOLE = Pattern.compile("[+-]?(0x[0-9a-fA-F]+|\\d+)");
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
   * @return the size in bytes; empty if {@code text} is not written as a size
   */
  public static Optional<BigInteger> find(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    Matcher hexadecimal = HEXADECIMAL.matcher(lower);
    if (hexadecimal.matches()) {
      BigInteger digits = new BigInteger(hexadecimal.group(1), 16);
      return Optional.of(digits.shiftLeft(shiftOf(hexadecimal.group(2))));
    }
    Matcher decimal = DECIMAL.matcher(lower);
    if (!decimal.matches()) {
      return Optional.empty();
    }
    int shift = shiftOf(decimal.group(3));
    if (decimal.group(2) != null && shift == 0) {
      return Optional.empty();
    }
    String fraction = decimal.group(2) == null ? "" : decimal.group(2);
    BigDecimal number =
        new BigDecimal(decimal.group(1) + (fraction.equals(".") ? "" : fraction))
            .multiply(new BigDecimal(BigInteger.ONE.shiftLeft(shift)));
    return Optional.of(number.toBigInteger());
  }

  /** Reads a whole number as C's {@code strtoull} does with base 0: hexadecimal, octal, decimal. */
  static BigInteger wholeNumber(String name, String text) throws OptionException {
    if (!WHOLE.matcher(text).matches()) {
      throw notNumber(name, text);
    }
    boolean negative = text.startsWith("-");
    String digits = negative || text.startsWith("+") ? text.substring(1) : text;
    BigInteger magnitude;
    try {
      magnitude =
          digits.startsWith("0x")
              ? new BigInteger(digits.substring(2), 16)
              : new BigInteger(digits, digits.startsWith("0") ? 8 : 10);
    } catch (NumberFormatException e) {
      throw notNumber(name, text);
    }
    below64(name, text, magnitude);
    return negative && magnitude.signum() != 0 ? TWO_TO_64.subtract(magnitude) : magnitude;
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

  private static int shiftOf(String suffix) {
    return suffix == null ? 0 : 10 * SUFFIXES.indexOf(suffix);
  }

  private static BigInteger below64(String name, String text, BigInteger value)
      throws OptionException {
    if (value.compareTo(TWO_TO_64) >= 0) {
      throw new OptionException(
          new OptionProblem(
              name,
              "Value '%s' is out of range for parameter '%s'".formatted(text, name),
              text,
              "below 2^64",
              Optional.empty()));
    }
    return value;
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
