package dev.platter.api;

import java.io.IOException;

/** A node into which the host can copy bytes of another one, past this program's memory. */
public interface OffloadingNode extends BlockNode {
  /**
   * Copies bytes of another node into this one; as durable as a write. Threads: as for writes.
   *
   * @param offset first byte here; the range may end beyond the end of a node that grows
   * @param source where from; it stays open, and the range stays as it is, during the call
   * @param sourceOffset first byte there
   * @param length how many bytes, all of them within {@code source}
   * @throws dev.platter.api.error.UnsupportedFeatureException if the host cannot do it between
   *     these two; as after any failure, some of the range may have been written
   */
  void copyFrom(long offset, BlockNode source, long sourceOffset, long length) throws IOException;
}
