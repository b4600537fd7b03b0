package dev.platter.harness.guest;

import dev.platter.api.Ranges;
import dev.platter.harness.blk.VirtioBlkDevice;
import dev.platter.harness.memory.GuestMemory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;

/**
 * A machine without a processor: guest memory, and drivers for the devices that are plugged in.
 *
 * <p>Threads: any. Closing unplugs every device, then frees the memory; the devices themselves stay
 * their owners'.
 */
public final class MockGuest implements AutoCloseable {
  /** Enough for a few queues and requests. */
  public static final long DEFAULT_MEMORY_BYTES = 64L << 20;

  /** The guest's first page is left alone, so that address 0 is nobody's buffer. */
  private static final long FIRST_ADDRESS = 4096;

  private final Arena arena = Arena.ofShared();
  private final GuestMemory memory;
  private final long memoryBytes;
  private final List<VirtioBlkDevice> devices = new ArrayList<>();
  private long nextAddress = FIRST_ADDRESS;

  private MockGuest(long memoryBytes) {
    this.memoryBytes = memoryBytes;
    this.memory = GuestMemory.allocate(arena, memoryBytes);
  }

  /** A guest with {@link #DEFAULT_MEMORY_BYTES} of memory. */
  public static MockGuest create() {
    return create(DEFAULT_MEMORY_BYTES);
  }

  /**
   * A guest with one region of memory, at guest address 0.
   *
   * @param memoryBytes a multiple of 4096
   */
  public static MockGuest create(long memoryBytes) {
    return new MockGuest(memoryBytes);
  }

  /** The guest's memory. */
  public GuestMemory memory() {
    return memory;
  }

  /**
   * Reserves guest memory until the guest is closed.
   *
   * @param alignmentBytes a power of two
   * @return the guest address of zeroed bytes
   * @throws IllegalStateException if the guest has not so much memory left
   */
  public synchronized long allocate(long byteCount, long alignmentBytes) {
    long address = Ranges.alignUp(nextAddress, alignmentBytes);
    if (byteCount > memoryBytes - address) {
      throw new IllegalStateException(
          "guest memory of %d bytes is used up: %d more asked for"
              .formatted(memoryBytes, byteCount));
    }
    nextAddress = address + byteCount;
    return address;
  }

  /** Plugs a device in and starts its driver, with everything that the device offers. */
  public MockBlkDriver plug(VirtioBlkDevice device) throws GuestIoException {
    return plug(device, DriverOptions.DEFAULT);
  }

  /**
   * Plugs a device in and starts its driver.
   *
   * @throws GuestIoException if the device does not accept what the driver chose
   */
  public MockBlkDriver plug(VirtioBlkDevice device, DriverOptions options) throws GuestIoException {
    MockBlkDriver driver = new MockBlkDriver(this, device, options);
    device.plug(memory, driver.interruptLine());
    synchronized (this) {
      devices.add(device);
    }
    driver.start();
    return driver;
  }

  /** Unplugs all devices and frees the memory. Closing twice does nothing. */
  @Override
  public void close() {
    List<VirtioBlkDevice> plugged;
    synchronized (this) {
      plugged = List.copyOf(devices);
      devices.clear();
    }
    plugged.forEach(VirtioBlkDevice::unplug);
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
