package dev.platter.qcow2;

/**
 * Where a table that the header names lies, and how long it is.
 *
 * @param offset first byte in the image's file, a multiple of the cluster size
 * @param count its length in the header's unit: L1 entries, clusters of the refcount table, or
 *     snapshots
 */
record TableLocation(long offset, int count) {
  /** No table. */
  static final TableLocation NONE = new TableLocation(0, 0);
}
