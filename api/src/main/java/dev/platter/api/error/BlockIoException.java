package dev.platter.api.error;

/** The host failed a read, a write or a flush: EIO, ENOSPC and their like. */
public sealed class BlockIoException extends BlockException permits UnfinishedFlushException {
  private static final long serialVersionUID = 1L;

  private final Errno errno;

  /**
   * @param node name of the node or file at which the failure happened
   * @param what the operation with its range: {@code "write 4096 bytes at 0x10000"}
   */
  public BlockIoException(String node, String what, Errno errno) {
    super(node + ": " + what + ": " + errno.text());
    this.errno = errno;
  }

  /** A failure with the host's own exception as its cause. */
  public BlockIoException(String node, String what, Errno errno, Throwable cause) {
    super(node + ": " + what + ": " + errno.text(), cause);
    this.errno = errno;
  }

  private BlockIoException(String message, Errno errno) {
    super(message);
    this.errno = errno;
  }

  /**
   * The failure to open a file: {@code Could not open 'hd0.qcow2': No such file or directory}.
   *
   * @param fileName the name, as the user or the image gave it
   */
  public static BlockIoException opening(String fileName, Errno errno) {
    return new BlockIoException("Could not open '%s': %s".formatted(fileName, errno.text()), errno);
  }

  /** A failure that is no node's: {@code Could not read the list: No such file or directory}. */
  public static BlockIoException of(String what, Errno errno) {
    return new BlockIoException(what + ": " + errno.text(), errno);
  }

  /** The failure to create a file: {@code Could not create 'hd0.qcow2': Permission denied}. */
  public static BlockIoException creating(String fileName, Errno errno) {
    return new BlockIoException(
        "Could not create '%s': %s".formatted(fileName, errno.text()), errno);
  }

  /** The host's error. */
  public Errno errno() {
    return errno;
  }
}
