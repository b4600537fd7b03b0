package dev.platter.conf;

/** The notations in which nodes are described; they differ in strictness and in QEMU's words. */
enum Dialect {
  /** {@code -drive}, {@code --image-opts} and {@code json:}: drivers may be found by probing. */
  DRIVE,
  /** {@code -blockdev key=value}: every node names its driver; sizes have no suffix. */
  KEYVAL,
  /** {@code -blockdev {...}} and QMP: as {@link #KEYVAL}, with JSON's types. */
  QMP;

  /** Whether a node without a driver is looked at to find one. */
  boolean probes() {
    return this == DRIVE;
  }
}
