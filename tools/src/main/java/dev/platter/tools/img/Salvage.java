package dev.platter.tools.img;

import dev.platter.tools.Terminal;

/**
 * What {@code --salvage} does about what cannot be read: it warns, and goes on with zeros.
 *
 * @param wanted whether it was asked for; if not, the copy ends there
 * @param quiet whether it keeps its warnings to itself
 */
record Salvage(boolean wanted, boolean quiet, Terminal terminal) {
  static final int SECTOR_BYTES = 512;
  private static final int PARTS = 4;

  /** Warns of something, which is not the end. */
  void warn(String what) {
    if (!quiet) {
      terminal.err().println("qemu-img: warning: " + what);
    }
  }

  /** A length to try after a longer one has failed, in whole sectors. */
  long shorter(long length) {
    long sectors = Math.ceilDiv(length, SECTOR_BYTES);
    return Math.ceilDiv(sectors, PARTS) * SECTOR_BYTES;
  }
}
