package dev.platter.harness.blk;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * How a block device presents itself: what {@code -device virtio-blk-pci} takes.
 *
 * @param serial what GET_ID answers: at most {@link #MAX_SERIAL_BYTES} bytes of ASCII
 * @param queueCount number of request queues, 1 to {@link #MAX_QUEUES}
 * @param queueSize the largest queue size offered, a power of two from 4 to 32768
 * @param logicalBlockBytes the unit of the guest's requests, a power of two from 512 to 32768
 * @param physicalBlockBytes the unit that is written without reading, a power of two, at least the
 *     logical block
 * @param maxSegmentBytes the most bytes of a buffer (SIZE_MAX); 0 for no bound
 * @param maxDiscardSectors the most 512-byte sectors of a DISCARD or WRITE_ZEROES range, at least 1
 * @param maxDiscardSegments the most ranges of a DISCARD or WRITE_ZEROES request, at least 1
 * @param writeCache whether the device starts with a write cache: if not, every write is durable
 *     when it completes, until the driver asks otherwise
 * @param requestMerging whether requests that come together and lie one behind the other are one
 *     request to the disk; a failed write then fails for all of them
 * @param errorPolicy what a failing disk means to the guest
 */
public record BlkOptions(
    String serial,
    int queueCount,
    int queueSize,
    int logicalBlockBytes,
    int physicalBlockBytes,
    int maxSegmentBytes,
    int maxDiscardSectors,
    int maxDiscardSegments,
    boolean writeCache,
    boolean requestMerging,
    ErrorPolicy errorPolicy) {

  /** The most bytes of a serial number. */
  public static final int MAX_SERIAL_BYTES = 20;

  /** The most request queues. */
  public static final int MAX_QUEUES = 1024;

  /** One queue of 256 descriptors, 512-byte blocks, a write cache, merging, QEMU's error policy. */
  public static final BlkOptions DEFAULT =
      new BlkOptions("", 1, 256, 512, 512, 0, (1 << 22) - 1, 16, true, true, ErrorPolicy.DEFAULT);

  public BlkOptions {
    Objects.requireNonNull(errorPolicy, "errorPolicy");
    if (serial.getBytes(StandardCharsets.UTF_8).length > MAX_SERIAL_BYTES) {
      throw new IllegalArgumentException(
          "serial '%s' is longer than %d bytes".formatted(serial, MAX_SERIAL_BYTES));
    }
    requireRange("queueCount", queueCount, 1, MAX_QUEUES);
    requireRange("queueSize", queueSize, 4, 32768);
    requireRange("logicalBlockBytes", logicalBlockBytes, 512, 32768);
    requireRange("physicalBlockBytes", physicalBlockBytes, logicalBlockBytes, 1 << 24);
    requireRange("maxSegmentBytes", maxSegmentBytes, 0, Integer.MAX_VALUE);
    requireRange("maxDiscardSectors", maxDiscardSectors, 1, Integer.MAX_VALUE);
    requireRange("maxDiscardSegments", maxDiscardSegments, 1, 256);
    requirePowerOfTwo("queueSize", queueSize);
    requirePowerOfTwo("logicalBlockBytes", logicalBlockBytes);
    requirePowerOfTwo("physicalBlockBytes", physicalBlockBytes);
  }

  /** A builder that starts with {@link #DEFAULT}. */
  public static Builder builder() {
    return new Builder(DEFAULT);
  }

  /** A builder that starts with these options. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** The most data buffers of a request: what fits in a queue beside header and status. */
  int maxSegments() {
    return Math.min(queueSize, 1024) - 2;
  }

  private static void requireRange(String name, int value, int minimum, int maximum) {
    if (value < minimum || value > maximum) {
      throw new IllegalArgumentException(
          "%s is %d, not %d to %d".formatted(name, value, minimum, maximum));
    }
  }

  private static void requirePowerOfTwo(String name, int value) {
    if (Integer.bitCount(value) != 1) {
      throw new IllegalArgumentException(name + " is " + value + ", not a power of two");
    }
  }

  /** Collects options; each setter's argument is what the component of the same name says. */
  public static final class Builder {
    private String serial;
    private int queueCount;
    private int queueSize;
    private int logicalBlockBytes;
    private int physicalBlockBytes;
    private int maxSegmentBytes;
    private int maxDiscardSectors;
    private int maxDiscardSegments;
    private boolean writeCache;
    private boolean requestMerging;
    private ErrorPolicy errorPolicy;

    private Builder(BlkOptions from) {
      serial = from.serial;
      queueCount = from.queueCount;
      queueSize = from.queueSize;
      logicalBlockBytes = from.logicalBlockBytes;
      physicalBlockBytes = from.physicalBlockBytes;
      maxSegmentBytes = from.maxSegmentBytes;
      maxDiscardSectors = from.maxDiscardSectors;
      maxDiscardSegments = from.maxDiscardSegments;
      writeCache = from.writeCache;
      requestMerging = from.requestMerging;
      errorPolicy = from.errorPolicy;
    }

    public Builder serial(String serial) {
      this.serial = serial;
      return this;
    }

    public Builder queues(int queueCount, int queueSize) {
      this.queueCount = queueCount;
      this.queueSize = queueSize;
      return this;
    }

    public Builder blockSizes(int logicalBlockBytes, int physicalBlockBytes) {
      this.logicalBlockBytes = logicalBlockBytes;
      this.physicalBlockBytes = physicalBlockBytes;
      return this;
    }

    public Builder maxSegmentBytes(int maxSegmentBytes) {
      this.maxSegmentBytes = maxSegmentBytes;
      return this;
    }

    public Builder maxDiscard(int maxDiscardSectors, int maxDiscardSegments) {
      this.maxDiscardSectors = maxDiscardSectors;
      this.maxDiscardSegments = maxDiscardSegments;
      return this;
    }

    public Builder writeCache(boolean writeCache) {
      this.writeCache = writeCache;
      return this;
    }

    public Builder requestMerging(boolean requestMerging) {
      this.requestMerging = requestMerging;
      return this;
    }

    public Builder errorPolicy(ErrorPolicy errorPolicy) {
      this.errorPolicy = errorPolicy;
      return this;
    }

    /**
     * The options.
     *
     * @throws IllegalArgumentException if one is out of its range
     */
    public BlkOptions build() {
      return new BlkOptions(
          serial,
          queueCount,
          queueSize,
          logicalBlockBytes,
          physicalBlockBytes,
          maxSegmentBytes,
          maxDiscardSectors,
          maxDiscardSegments,
          writeCache,
          requestMerging,
          errorPolicy);
    }
  }
}
