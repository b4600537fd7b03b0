package dev.platter.api.error;

/** Something else uses a node or its image: another process's lock, or another node's child. */
public final class NodeBusyException extends BlockException {
  private static final long serialVersionUID = 1L;

  public NodeBusyException(String message) {
    super(message);
  }
}
