package dev.platter.tools.io;

import dev.platter.api.option.SizeText;
import dev.platter.tools.text.SizeArgument;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Numbers in commands, and what is said to those that are none. */
final class IoNumbers {
  /** The longest request: the largest number of whole sectors in 31 bits. */
  static final long MAXIMUM_BYTES = Integer.MAX_VALUE / 512 * 512L;

  private static final int SECTOR_BYTES = 512;
  private static final int BYTE_MAXIMUM = 0xff;

  private IoNumbers() {}

  /** A size or an offset. */
  static long size(String text) throws IoFailure {
    Optional<BigInteger> size = SizeText.find(text);
    if (size.isEmpty()) {
      throw IoFailure.out(
          "Parsing error: non-numeric argument, or extraneous/unrecognized suffix -- " + text);
    }
    if (size.get().bitLength() >= Long.SIZE) {
      throw IoFailure.out("Parsing error: argument too large -- " + text);
    }
    return size.get().longValueExact();
  }

  /** The length of a request. */
  static long length(String text) throws IoFailure {
    long length = size(text);
    if (length > MAXIMUM_BYTES) {
      throw IoFailure.out("length cannot exceed %d, given %s".formatted(MAXIMUM_BYTES, text));
    }
    return length;
  }

  /** The lengths of a request's segments. */
  static List<Long> lengths(List<String> texts) throws IoFailure {
    List<Long> lengths = new ArrayList<>();
    long sum = 0;
    for (String text : texts) {
      long length = size(text);
      if (length > MAXIMUM_BYTES) {
        throw IoFailure.out("Argument '%s' exceeds maximum size %d".formatted(text, MAXIMUM_BYTES));
      }
      lengths.add(length);
      sum += length;
      if (sum > MAXIMUM_BYTES) {
        throw IoFailure.out(
            "The total number of bytes exceed the maximum size %d".formatted(MAXIMUM_BYTES));
      }
    }
    return lengths;
  }

  /** The length of a request of segments of these lengths. */
  static long sum(List<Long> lengths) {
    return lengths.stream().mapToLong(Long::longValue).sum();
  }

  /** Lets a range that consists of whole sectors pass by returning. */
  static void requireSectors(long offset, long length) throws IoFailure {
    requireSectors(offset, "offset");
    requireSectors(length, "count");
  }

  private static void requireSectors(long number, String name) throws IoFailure {
    if (number % SECTOR_BYTES != 0) {
      throw IoFailure.out("%d is not a sector-aligned value for '%s'".formatted(number, name));
    }
  }

  /** A byte. */
  static int pattern(String text) throws IoFailure {
    return SizeArgument.wholeNumber(text)
        .filter(value -> value <= BYTE_MAXIMUM)
        .orElseThrow(() -> IoFailure.out(text + " is not a valid pattern byte"))
        .intValue();
  }
}
