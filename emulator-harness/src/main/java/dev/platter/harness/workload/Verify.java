package dev.platter.harness.workload;

/** Whether contents are checked, by fio's words: {@code verify=}. */
public enum Verify {
  /** Contents are not looked at. */
  NONE,
  /**
   * Every sector is written with a stamp of its own, reads are compared with what was written last,
   * and everything written is read again at the end.
   */
  PATTERN
}
