package dev.platter.harness.memory;

/** A range of guest addresses that is not, or not wholly, guest memory. Nothing was accessed. */
public final class GuestMemoryException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * @param guestAddress first guest physical address of the range, unsigned
   * @param length its length in bytes, unsigned
   */
  public GuestMemoryException(long guestAddress, long length) {
    super(
        "0x%x + %s bytes lies outside guest memory"
            .formatted(guestAddress, Long.toUnsignedString(length)));
  }
}
