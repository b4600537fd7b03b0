package dev.platter.api;

/**
 * What the user of a node does with it, or lets others do to it meanwhile: QEMU's block
 * permissions.
 */
public enum Permission {
  /** Reads that see a consistent disk. */
  CONSISTENT_READ(0, "consistent read"),
  /** Writes that change what is read. */
  WRITE(1, "write"),
  /** Writes that leave what is read as it is. */
  WRITE_UNCHANGED(2, "write unchanged"),
  /** Changes of the size. */
  RESIZE(3, "resize");

  private final int index;
  private final String words;

  Permission(int index, String words) {
    this.index = index;
    this.words = words;
  }

  /** The permission's place among the bytes that stand for permissions, from 0. */
  public int index() {
    return index;
  }

  /** What messages call it: {@code consistent read}. */
  public String words() {
    return words;
  }
}
