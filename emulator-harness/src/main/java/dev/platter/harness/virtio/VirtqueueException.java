package dev.platter.harness.virtio;

/**
 * A guest broke the rules of a virtqueue, or sent a request that cannot be answered. The device
 * must stop using its queues and wait for a reset (DEVICE_NEEDS_RESET).
 */
public final class VirtqueueException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what the guest did, in QEMU's words where QEMU has some
   */
  public VirtqueueException(String message) {
    super(message);
  }

  /** The same, with the reason found in guest memory. */
  public VirtqueueException(String message, Throwable cause) {
    super(message, cause);
  }
}
