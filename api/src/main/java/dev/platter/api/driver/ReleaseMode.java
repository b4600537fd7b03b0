package dev.platter.api.driver;

/** How {@link FormatDriver#release} lets go of a range. */
public enum ReleaseMode {
  /** The range reads as zeros; its space stays reserved. */
  ZERO_KEEP,
  /** The range reads as zeros; its space is freed. */
  ZERO_UNMAP,
  /**
   * A guest's discard: the range reads as zeros and its space is freed, or, where bytes lie in a
   * file as they are, the file is told and the range may keep its contents.
   */
  DISCARD,
  /**
   * The image no longer holds the range: the layer below shows through. For jobs and tools only.
   */
  TO_BACKING
}
