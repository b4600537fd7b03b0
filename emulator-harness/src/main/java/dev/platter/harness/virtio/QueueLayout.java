package dev.platter.harness.virtio;

/**
 * Where a split virtqueue lies in guest memory (specification, "Split Virtqueues").
 *
 * @param size the number of descriptors, a power of two from 1 to {@link #MAX_SIZE}
 * @param descriptorAddress guest address of the descriptor table, a multiple of 16
 * @param availAddress guest address of the available ring, a multiple of 2
 * @param usedAddress guest address of the used ring, a multiple of 4
 */
public record QueueLayout(int size, long descriptorAddress, long availAddress, long usedAddress) {
  /** The most descriptors that a queue may have. */
  public static final int MAX_SIZE = 32768;

  /** Bytes of a descriptor. */
  public static final int DESCRIPTOR_BYTES = 16;

  /** Offset of the ring behind flags and index, in both rings. */
  static final int RING_OFFSET = 4;

  private static final int AVAIL_ENTRY_BYTES = 2;
  private static final int USED_ENTRY_BYTES = 8;
  private static final int EVENT_BYTES = 2;

  /**
   * A layout whose three parts follow each other closely from {@code address}, for guests.
   *
   * @param address a multiple of 16
   */
  public static QueueLayout contiguous(int size, long address) {
    long avail = address + (long) DESCRIPTOR_BYTES * size;
    long used = (avail + RING_OFFSET + (long) AVAIL_ENTRY_BYTES * size + EVENT_BYTES + 3) & -4L;
    return new QueueLayout(size, address, avail, used);
  }

  /** Bytes of the descriptor table. */
  public long descriptorBytes() {
    return (long) DESCRIPTOR_BYTES * size;
  }

  /** Bytes of the available ring, with {@code used_event}. */
  public long availBytes() {
    return RING_OFFSET + (long) AVAIL_ENTRY_BYTES * size + EVENT_BYTES;
  }

  /** Bytes of the used ring, with {@code avail_event}. */
  public long usedBytes() {
    return RING_OFFSET + (long) USED_ENTRY_BYTES * size + EVENT_BYTES;
  }

  /** Offset of {@code used_event} in the available ring. */
  long usedEventOffset() {
    return RING_OFFSET + (long) AVAIL_ENTRY_BYTES * size;
  }

  /** Offset of {@code avail_event} in the used ring. */
  long availEventOffset() {
    return RING_OFFSET + (long) USED_ENTRY_BYTES * size;
  }

  /**
   * Checks the numbers that a guest chose.
   *
   * @throws VirtqueueException if the size is not allowed or an address is not aligned
   */
  void validate() throws VirtqueueException {
    if (size < 1 || size > MAX_SIZE || Integer.bitCount(size) != 1) {
      throw new VirtqueueException(
          "Invalid queue size: %d (a power of two up to %d)".formatted(size, MAX_SIZE));
    }
    requireAligned("descriptor table", descriptorAddress, 16);
    requireAligned("available ring", availAddress, 2);
    requireAligned("used ring", usedAddress, 4);
  }

  private static void requireAligned(String part, long address, int alignmentBytes)
      throws VirtqueueException {
    if ((address & (alignmentBytes - 1)) != 0) {
      throw new VirtqueueException(
          "Misaligned %s: 0x%x is not a multiple of %d".formatted(part, address, alignmentBytes));
    }
  }
}
