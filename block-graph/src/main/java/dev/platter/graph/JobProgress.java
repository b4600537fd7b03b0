package dev.platter.graph;

/** Takes note of how far work on a chain has come. */
@FunctionalInterface
public interface JobProgress {
  /** Takes no note. */
  JobProgress NONE = (doneBytes, totalBytes) -> {};

  /**
   * Some more of the work is done.
   *
   * @param doneBytes guest bytes that have been dealt with
   * @param totalBytes all that there are; 0 for a disk without bytes
   */
  void at(long doneBytes, long totalBytes);
}
