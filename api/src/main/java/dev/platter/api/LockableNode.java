package dev.platter.api;

import dev.platter.api.error.NodeBusyException;
import java.io.IOException;

/**
 * A protocol node whose bytes other processes can reach as well, and that keeps them out by locks.
 *
 * <p>It holds none until it is told what is done with it. The graph tells it before anything is
 * read from it as an image, and again whenever that changes. Closing the node lets go of all.
 */
public interface LockableNode {

  /**
   * Takes the locks that stand for these permissions, then lets go of those that do not.
   *
   * @param permissions what is done with the node from now on, and what others may do
   * @throws NodeBusyException if another process, or another node of this one, does what is not
   *     shared, or does not share what is done; the locks are as they were
   * @throws IOException if the host fails; the locks are as they were
   */
  void lock(Permissions permissions) throws IOException;
}
