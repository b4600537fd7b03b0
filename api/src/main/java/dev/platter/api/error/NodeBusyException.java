package dev.platter.api.error;

import dev.platter.api.Permission;

/** Something else uses a node or its image: another process's lock, or another node's child. */
public final class NodeBusyException extends BlockException {
  private static final long serialVersionUID = 1L;

  private final String reason;
  private final String hint;

  public NodeBusyException(String reason) {
    this(reason, "");
  }

  private NodeBusyException(String reason, String hint) {
    super(hint.isEmpty() ? reason : reason + ". " + hint);
    this.reason = reason;
    this.hint = hint;
  }

  /** The refusal by one who does not share what is to be done. */
  public static NodeBusyException withheld(Permission permission, String imageName) {
    return inUse("Failed to get \"%s\" lock".formatted(permission.words()), imageName);
  }

  /** The refusal because somebody does what is not to be shared. */
  public static NodeBusyException exercised(Permission permission, String imageName) {
    return inUse("Failed to get shared \"%s\" lock".formatted(permission.words()), imageName);
  }

  /** The refusal because of what another process does with an image. */
  public static NodeBusyException inUse(String reason, String imageName) {
    return new NodeBusyException(
        reason, "Is another process using the image [%s]?".formatted(imageName));
  }

  /** The same refusal, whose reason begins with {@code prefix} and a colon. */
  public NodeBusyException prefixed(String prefix) {
    NodeBusyException prefixed = new NodeBusyException(prefix + ": " + reason, hint);
    prefixed.initCause(this);
    return prefixed;
  }

  /** The message without the hint. */
  public String reason() {
    return reason;
  }

  /** Which image to look at, as a question to the user; empty if it is not about a lock. */
  public String hint() {
    return hint;
  }
}
