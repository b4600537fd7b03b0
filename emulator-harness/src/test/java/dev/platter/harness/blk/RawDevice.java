package dev.platter.harness.blk;

import static dev.platter.harness.RawRing.BUFFER_ADDRESS;
import static dev.platter.harness.RawRing.NEXT;
import static dev.platter.harness.RawRing.WRITE;

import dev.platter.api.BlockNode;
import dev.platter.harness.RawRing;
import dev.platter.harness.virtio.RingFeatures;

/** A device whose only queue a test writes by hand. */
final class RawDevice {
  static final int SIZE = 8;

  private static final int NEGOTIATED =
      DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER | DeviceStatus.FEATURES_OK;

  /** Where a usual request lies. */
  static final long HEADER = BUFFER_ADDRESS;

  static final long STATUS = BUFFER_ADDRESS + 64;
  static final long DATA = BUFFER_ADDRESS + 0x1000;

  final RawRing ring;
  final VirtioBlkDevice device;

  RawDevice(BlockNode node, BlkOptions options, RequestExecutor executor, InterruptLine line) {
    this(new RawRing(SIZE), node, options, executor, line, AccessListener.NONE);
  }

  RawDevice(
      RawRing ring,
      BlockNode node,
      BlkOptions options,
      RequestExecutor executor,
      InterruptLine line,
      AccessListener listener) {
    this(ring, node, options, executor, line, listener, new DeviceLock());
  }

  RawDevice(
      RawRing ring,
      BlockNode node,
      BlkOptions options,
      RequestExecutor executor,
      InterruptLine line,
      AccessListener listener,
      DeviceLock lock) {
    this.ring = ring;
    device = new VirtioBlkDevice(node, options, executor, listener, lock, BlkRequestSlot::new);
    device.plug(ring.memory(), line);
  }

  /** Negotiates and sets DRIVER_OK. */
  RawDevice start(long features) {
    return negotiate(features).driverOk();
  }

  /** Negotiates and sets the queue up. */
  RawDevice negotiate(long features) {
    device.writeStatus(DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER);
    device.writeDriverFeatures(features | RingFeatures.VERSION_1);
    device.writeStatus(NEGOTIATED);
    device.configureQueue(0, ring.layout());
    return this;
  }

  RawDevice driverOk() {
    device.writeStatus(NEGOTIATED | DeviceStatus.DRIVER_OK);
    return this;
  }

  /** Writes a header. */
  RawDevice header(int type, long sector) {
    ring.setInt(HEADER, type).setInt(HEADER + 4, 0).setLong(HEADER + 8, sector);
    return this;
  }

  /** Makes a read of one sector into {@link #DATA} available, in descriptors 0 to 2. */
  RawDevice availableRead(long sector) {
    header(VirtioBlkRequest.TYPE_IN, sector);
    ring.setByte(STATUS, 0xff)
        .descriptor(0, HEADER, 16, NEXT, 1)
        .descriptor(1, DATA, 512, NEXT | WRITE, 2)
        .descriptor(2, STATUS, 1, WRITE, 0)
        .available(0);
    return this;
  }

  /** Makes a write of one sector from {@link #DATA} available, in descriptors 0 to 2. */
  RawDevice availableWrite(long sector) {
    header(VirtioBlkRequest.TYPE_OUT, sector);
    ring.setByte(STATUS, 0xff)
        .descriptor(0, HEADER, 16, NEXT, 1)
        .descriptor(1, DATA, 512, NEXT, 2)
        .descriptor(2, STATUS, 1, WRITE, 0)
        .available(0);
    return this;
  }

  RawDevice kick() {
    device.notifyQueue(0);
    return this;
  }

  boolean needsReset() {
    return (device.status() & DeviceStatus.NEEDS_RESET) != 0;
  }
}
