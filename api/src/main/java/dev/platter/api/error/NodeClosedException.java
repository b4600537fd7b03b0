package dev.platter.api.error;

/** A node was used after it had been closed. */
public final class NodeClosedException extends BlockException {
  private static final long serialVersionUID = 1L;

  /**
   * @param node the node's name
   */
  public NodeClosedException(String node) {
    super(node + ": node is closed");
  }
}
