package dev.platter.harness.blk;

import dev.platter.harness.virtio.RingFeatures;

/** Feature bits of the block device. */
public final class BlkFeatures {
  /** The configuration bounds the size of a buffer. */
  public static final long SIZE_MAX = 1L << 1;

  /** The configuration bounds the number of buffers of a request. */
  public static final long SEG_MAX = 1L << 2;

  /** The disk is read-only. */
  public static final long RO = 1L << 5;

  /** The configuration says the logical block size. */
  public static final long BLK_SIZE = 1L << 6;

  /** The disk takes FLUSH; without it every write is durable when it completes. */
  public static final long FLUSH = 1L << 9;

  /** The configuration says physical block size and optimal sizes. */
  public static final long TOPOLOGY = 1L << 10;

  /** The driver may switch the write cache on and off. */
  public static final long CONFIG_WCE = 1L << 11;

  /** There are several queues. */
  public static final long MQ = 1L << 12;

  /** The disk takes DISCARD. */
  public static final long DISCARD = 1L << 13;

  /** The disk takes WRITE_ZEROES. */
  public static final long WRITE_ZEROES = 1L << 14;

  private BlkFeatures() {}

  /** What a device with these options and a disk that is read-only or not offers. */
  static long offered(BlkOptions options, boolean readOnly) {
    long features =
        SEG_MAX
            | BLK_SIZE
            | FLUSH
            | TOPOLOGY
            | CONFIG_WCE
            | RingFeatures.INDIRECT_DESC
            | RingFeatures.EVENT_IDX
            | RingFeatures.VERSION_1;
    if (options.maxSegmentBytes() > 0) {
      features |= SIZE_MAX; // without a value drivers fall back to small buffers
    }
    if (options.queueCount() > 1) {
      features |= MQ;
    }
    if (readOnly) {
      return features | RO;
    }
    return features | DISCARD | WRITE_ZEROES;
  }
}
