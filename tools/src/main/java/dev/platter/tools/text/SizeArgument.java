package dev.platter.tools.text;

import dev.platter.api.option.SizeText;
import dev.platter.tools.CommandFailure;
import java.math.BigInteger;
import java.util.Optional;

/** Sizes on the command line of {@code qemu-img}, and what it says to those that are none. */
public final class SizeArgument {
  private SizeArgument() {}

  /**
   * Reads a size of any magnitude.
   *
   * @param what what it is, for the message: {@code image size}
   * @throws CommandFailure if it is not a size below 2^63
   */
  public static long parse(String what, String text) throws CommandFailure {
    return parse(what, text, Long.MAX_VALUE);
  }

  /**
   * Reads a size up to {@code maximum}, inclusive.
   *
   * @throws CommandFailure if it is none
   */
  public static long parse(String what, String text, long maximum) throws CommandFailure {
    return parse(what, text, 0, maximum);
  }

  /**
   * Reads a size between two others, inclusive.
   *
   * @throws CommandFailure if it is none
   */
  public static long parse(String what, String text, long minimum, long maximum)
      throws CommandFailure {
    Optional<BigInteger> size = SizeText.find(text.stripLeading());
    if (size.isEmpty()) {
      throw new CommandFailure(
          "Invalid " + what + " specified. You may use k, M, G, T, P or E suffixes for",
          "kilobytes, megabytes, gigabytes, terabytes, petabytes and exabytes.");
    }
    if (size.get().compareTo(BigInteger.valueOf(maximum)) > 0
        || size.get().compareTo(BigInteger.valueOf(minimum)) < 0) {
      throw new CommandFailure(
          "Invalid %s specified. Must be between %d and %d.".formatted(what, minimum, maximum));
    }
    return size.get().longValueExact();
  }

  /** Reads a whole number as C's {@code strtoul} does with base 0; empty if it is none. */
  public static Optional<Long> wholeNumber(String text) {
    if (!text.matches("\\s*[+]?(0[xX][0-9a-fA-F]{1,15}|\\d{1,18})")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Long.decode(text.strip()));
    } catch (NumberFormatException e) { // 08: octal without being so
      return Optional.empty();
    }
  }
}
