package dev.platter.harness.blk;

/** Bits of the device status field (specification, "Device Status Field"). */
public final class DeviceStatus {
  /** The guest has found the device. */
  public static final int ACKNOWLEDGE = 1;

  /** The guest has a driver for it. */
  public static final int DRIVER = 2;

  /** The driver is ready: the device serves its queues. */
  public static final int DRIVER_OK = 4;

  /** Features are negotiated; stays clear if the device does not accept them. */
  public static final int FEATURES_OK = 8;

  /** The device met something it cannot recover from without a reset. */
  public static final int NEEDS_RESET = 64;

  /** The driver gave up. */
  public static final int FAILED = 128;

  private DeviceStatus() {}
}
