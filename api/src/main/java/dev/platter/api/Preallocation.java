package dev.platter.api;

/** How much of a new image is reserved at once. */
public enum Preallocation {
  /** Nothing: space is allocated by the first write to it. */
  OFF,
  /** The metadata: every cluster has its place; the file stays sparse. */
  METADATA,
  /** The metadata, and the host's promise of the space. */
  FALLOC,
  /** The metadata, and zeros written to all of the space. */
  FULL
}
