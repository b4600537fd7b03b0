package dev.platter.api;

/** What a zero-write may do with the space it covers. */
public enum ZeroMode {
  /** The range stays allocated where it is: a later write into it needs no allocation. */
  KEEP_ALLOCATED,
  /** The range may be given back to the layer below or to the host. */
  MAY_UNMAP
}
