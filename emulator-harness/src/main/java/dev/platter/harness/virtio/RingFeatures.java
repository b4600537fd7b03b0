package dev.platter.harness.virtio;

/** Feature bits and descriptor flags that belong to the ring, not to a kind of device. */
public final class RingFeatures {
  /** VIRTIO_F_INDIRECT_DESC: a descriptor may stand for a table of descriptors. */
  public static final long INDIRECT_DESC = 1L << 28;

  /** VIRTIO_F_EVENT_IDX: each side says at which index it wants to be notified. */
  public static final long EVENT_IDX = 1L << 29;

  /** VIRTIO_F_VERSION_1: the guest follows version 1.0 of the specification or later. */
  public static final long VERSION_1 = 1L << 32;

  /** VIRTQ_DESC_F_NEXT: the descriptor continues in another one. */
  public static final int DESC_NEXT = 1;

  /** VIRTQ_DESC_F_WRITE: the device writes to the buffer. */
  public static final int DESC_WRITE = 2;

  /** VIRTQ_DESC_F_INDIRECT: the buffer is a table of descriptors. */
  public static final int DESC_INDIRECT = 4;

  /** VIRTQ_USED_F_NO_NOTIFY: the device asks not to be notified. */
  public static final int USED_NO_NOTIFY = 1;

  /** VIRTQ_AVAIL_F_NO_INTERRUPT: the driver asks not to be interrupted. */
  public static final int AVAIL_NO_INTERRUPT = 1;

  private RingFeatures() {}

  /**
   * Whether the other side asked to hear of the step from {@code oldIndex} to {@code newIndex}:
   * {@code vring_need_event} of the specification, modulo 2^16.
   */
  public static boolean needEvent(int eventIndex, int newIndex, int oldIndex) {
    return ((newIndex - eventIndex - 1) & 0xffff) < ((newIndex - oldIndex) & 0xffff);
  }
}
