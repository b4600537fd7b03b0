package dev.platter.api;

import dev.platter.api.error.OutOfRangeException;

/** The one place where a request's range is compared with a node's size. */
public final class Ranges {
  private Ranges() {}

  /**
   * Checks that {@code [offset, offset + length)} lies within {@code [0, size)}, without overflow.
   *
   * @param node the node's name, for the message
   * @throws OutOfRangeException if it does not
   */
  public static void check(String node, long size, long offset, long length)
      throws OutOfRangeException {
    if (offset < 0 || length < 0 || offset > size || length > size - offset) {
      throw new OutOfRangeException(node, offset, length, size);
    }
  }

  /** The largest multiple of {@code unit}, a power of two, that is at most {@code value}. */
  public static long alignDown(long value, long unit) {
    return value & -unit;
  }

  /**
   * The smallest multiple of {@code unit}, a power of two, that is at least {@code value}.
   *
   * @throws ArithmeticException if it does not fit in a long
   */
  public static long alignUp(long value, long unit) {
    return Math.addExact(value, unit - 1) & -unit;
  }
}
