package dev.platter.api;

import java.io.IOException;

/** A node that can take over bytes which it shows of the nodes below it. */
public interface PopulatingNode extends BlockNode {
  /**
   * Makes the node hold a range itself: what shows through from below is copied, in whole units of
   * mapping (clusters or subclusters). What the node reads as stays the same; writes meanwhile are
   * not lost. A node that is read-only is left as it is.
   *
   * @param offset first byte
   * @param length length in bytes; the range lies within the node
   */
  void populate(long offset, long length) throws IOException;
}
