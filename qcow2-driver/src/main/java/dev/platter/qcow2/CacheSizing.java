package dev.platter.qcow2;

import dev.platter.api.option.OptionType;

/** Whose rules turn the cache options into sizes. */
enum CacheSizing implements OptionType.Word {
  /** The published rules of QEMU 2.5: one size sets the others at 4 to 1, whatever the disk. */
  QEMU_2_5("qemu-2.5"),
  /** Those of QEMU 7.2: an L2 cache up to what the disk needs, a small refcount cache. */
  QEMU_7_2("qemu-7.2");

  private final String word;

  CacheSizing(String word) {
    this.word = word;
  }

  @Override
  public String word() {
    return word;
  }
}
