package dev.platter.conf;

import dev.platter.api.spec.GenericOptions;

/** The notations in which nodes are described; they differ in strictness and in QEMU's words. */
enum Dialect {
  /** {@code -drive} and its {@code json:}: drivers may be found by probing. */
  DRIVE,
  /**
   * {@code --image-opts}: as {@link #DRIVE}, but what belongs to a drive alone is unknown, and what
   * is unknown is left to the driver that is found by probing.
   */
  IMAGE_OPTS,
  /** {@code -blockdev key=value}: every node names its driver; sizes have no suffix. */
  KEYVAL,
  /** {@code -blockdev {...}} and QMP: as {@link #KEYVAL}, with JSON's types. */
  QMP;

  /** Whether a node without a driver is looked at to find one. */
  boolean probes() {
    return this == DRIVE || this == IMAGE_OPTS;
  }

  /** Whether an option that nobody knows is kept until the driver is known. */
  boolean leavesUnknown() {
    return this == IMAGE_OPTS;
  }

  /** Whether a generic option is none in this notation. */
  boolean lacks(String key) {
    return this == IMAGE_OPTS && key.equals(GenericOptions.CACHE_WRITEBACK.name());
  }
}
