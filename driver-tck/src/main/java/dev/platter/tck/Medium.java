package dev.platter.tck;

import dev.platter.api.BlockNode;
import java.io.IOException;

/** What outlives the nodes that are opened on it: a host file, an image, memory. */
public interface Medium {

  /**
   * Opens a node on the bytes that the last one left. At most one is open at a time.
   *
   * @param readOnly whether the node is to refuse changes
   * @return the node; the caller closes it
   */
  BlockNode open(boolean readOnly) throws IOException;

  /** Opens for writing. */
  default BlockNode open() throws IOException {
    return open(false);
  }

  /**
   * Checks what lies on the medium while no node is open on it; throws if something is wrong. Does
   * nothing where there is nothing to check.
   */
  default void check() throws IOException {}
}
