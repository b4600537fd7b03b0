package dev.platter.api.error;

/** A write to a node that is read-only. Nothing has been written. */
public final class ReadOnlyNodeException extends BlockException {
  private static final long serialVersionUID = 1L;

  /**
   * @param node the node's name
   */
  public ReadOnlyNodeException(String node) {
    super(node + ": Block node is read-only");
  }

  /**
   * @param node the node's name
   * @param why what made it read-only
   */
  public ReadOnlyNodeException(String node, String why) {
    super(node + ": Block node is read-only: " + why);
  }
}
