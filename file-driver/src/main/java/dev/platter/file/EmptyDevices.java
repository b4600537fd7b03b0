package dev.platter.file;

import java.util.Set;

/**
 * Character devices of Linux that can be taken for files of no bytes: {@code /dev/null}, {@code
 * /dev/zero} and {@code /dev/full}. Opening them does nothing, and they are never asked for more
 * than they have. Others may act on being opened (a watchdog, a tape), and are refused.
 */
final class EmptyDevices {
  /** Device 1 is memory; by the minor number null, zero and full. */
  private static final Set<Long> NUMBERS = Set.of(0x103L, 0x105L, 0x107L);

  private EmptyDevices() {}

  /**
   * Whether the character device of this number is one of them.
   *
   * @param number as the C library's {@code st_rdev} has it
   */
  static boolean include(long number) {
    return NUMBERS.contains(number);
  }
}
