package dev.platter.tck;

/** What a node, or a format, can do beyond being read. Tests of what is missing are skipped. */
public enum Capability {
  /** It can be written: all of write, writeZeroes, discard and flush. */
  WRITE,
  /** It can be made larger. */
  GROW,
  /** It can be made smaller. */
  SHRINK,
  /** An image of the format can lie on a backing file. */
  BACKING,
  /** The format has a magic number, by which {@code probe} knows its images. */
  PROBE;

  /** The reason that is given for a test that needs this and does not find it. */
  public String missing() {
    return SkippedTestListener.NOT_APPLICABLE + "no capability " + this;
  }
}
