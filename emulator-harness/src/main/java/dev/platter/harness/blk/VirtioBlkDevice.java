package dev.platter.harness.blk;

import static dev.platter.harness.blk.BlkFeatures.CONFIG_WCE;
import static dev.platter.harness.blk.BlkFeatures.FLUSH;

import dev.platter.api.BlockNode;
import dev.platter.harness.memory.GuestMemory;
import dev.platter.harness.virtio.QueueLayout;
import dev.platter.harness.virtio.RingFeatures;
import dev.platter.harness.virtio.VirtqueueException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;

/**
 * A virtio block device without a transport: what PCI, MMIO or vhost-user would call.
 *
 * <p>States: unplugged; plugged and reset; negotiating; running from DRIVER_OK on; broken, when the
 * guest has broken a rule; stopped, when the error policy says so. A write of 0 to the status leads
 * from each of them to reset.
 *
 * <ul>
 *   <li>I1. Queues are served only between DRIVER_OK and the next reset, and not while broken: by a
 *       {@link Generation}.
 *   <li>I2. A reset returns when no request touches guest memory any more ({@link Generation} I1).
 *   <li>I3. Lock order: the device's, then a generation's. The device's is not held while queues
 *       are served, nor while a listener or the interrupt line is called.
 *   <li>I4. DRIVER_OK and the generation that it starts are set in one hold of the lock, and so are
 *       reset and the end of that generation: two processors that write the status at once leave no
 *       generation behind which no reset ends.
 * </ul>
 *
 * <p>Threads: all methods from any. {@link #notifyQueue} serves the queue as {@link
 * RequestExecutor} says. The node and the executor stay the caller's to close, after this device.
 */
public final class VirtioBlkDevice implements AutoCloseable {
  static final GuestMemory NO_MEMORY =
      GuestMemory.of(new GuestMemory.Region(0, MemorySegment.ofArray(new long[2])));

  private final BlockNode node;
  private final BlkOptions options;
  private final RequestExecutor executor;
  private final AccessListener listener;
  private final BlkRequestSlot.Maker slotMaker;
  private final RequestHandler handler;
  private final BlkConfiguration configuration;
  private final long offeredFeatures;
  private final QueueLayout[] layouts;
  private final DeviceLock lock;

  /** Held by whoever switches the write cache; before the lock. */
  private final Object cacheSwitch = new Object();

  private GuestMemory memory = NO_MEMORY;
  private Generation.Parts parts;

  /** Whether the write cache is being switched off, and no reset has come between. */
  private boolean switchingOff;

  private volatile Generation generation;
  private long driverFeatures;
  private int status;
  private int configurationGeneration;

  /** A device that nobody listens to. */
  public VirtioBlkDevice(BlockNode node, BlkOptions options, RequestExecutor executor) {
    this(node, options, executor, AccessListener.NONE);
  }

  /**
   * A device for a disk; unplugged.
   *
   * @param node the disk; whether it is read-only is asked once, its size again and again
   * @param executor runs the requests
   */
  public VirtioBlkDevice(
      BlockNode node, BlkOptions options, RequestExecutor executor, AccessListener listener) {
    this(node, options, executor, listener, new DeviceLock(), BlkRequestSlot::new);
  }

  /** The same with a lock, and a maker of slots, of the caller's. */
  VirtioBlkDevice(
      BlockNode node,
      BlkOptions options,
      RequestExecutor executor,
      AccessListener listener,
      DeviceLock lock,
      BlkRequestSlot.Maker slotMaker) {
    this.lock = lock;
    this.node = Objects.requireNonNull(node, "node");
    this.options = Objects.requireNonNull(options, "options");
    this.executor = Objects.requireNonNull(executor, "executor");
    this.listener = Objects.requireNonNull(listener, "listener");
    this.slotMaker = Objects.requireNonNull(slotMaker, "slotMaker");
    this.handler = new RequestHandler(node, options);
    this.configuration = new BlkConfiguration(node, options);
    this.offeredFeatures = BlkFeatures.offered(options, node.readOnly());
    this.layouts = new QueueLayout[options.queueCount()];
    this.parts = parts(new NoInterrupts());
    this.generation = Generation.none(parts);
  }

  private Generation.Parts parts(InterruptLine interrupts) {
    return new Generation.Parts(handler, options, executor, listener, interrupts, slotMaker);
  }

  /**
   * Plugs the device into a machine, in reset.
   *
   * @throws IllegalStateException if it is plugged in already
   */
  public void plug(GuestMemory memory, InterruptLine interrupts) {
    try (DeviceLock _ = lock.hold()) {
      if (this.memory != NO_MEMORY) {
        throw new IllegalStateException("the device is plugged in already");
      }
      this.memory = Objects.requireNonNull(memory, "memory");
      parts = parts(Objects.requireNonNull(interrupts, "interrupts"));
    }
  }

  /** Resets the device and takes it out of its machine. Does nothing if it is in none. */
  public void unplug() {
    try (DeviceLock _ = lock.hold()) {
      reset();
      memory = NO_MEMORY;
      parts = parts(new NoInterrupts());
    }
  }

  /** The disk. */
  public BlockNode node() {
    return node;
  }

  /** How the device presents itself. */
  public BlkOptions options() {
    return options;
  }

  /** The features that the driver may choose from. */
  public long offeredFeatures() {
    return offeredFeatures;
  }

  /** The features that the driver chose; to be written before FEATURES_OK. */
  public void writeDriverFeatures(long features) {
    try (DeviceLock _ = lock.hold()) {
      if ((status & DeviceStatus.FEATURES_OK) == 0) {
        driverFeatures = features;
      }
    }
  }

  /** The features that the driver chose. */
  public long driverFeatures() {
    try (DeviceLock _ = lock.hold()) {
      return driverFeatures;
    }
  }

  /** The device status: bits of {@link DeviceStatus}. */
  public int status() {
    try (DeviceLock _ = lock.hold()) {
      return generation.broken() ? status | DeviceStatus.NEEDS_RESET : status;
    }
  }

  /**
   * Writes the device status. 0 resets, and returns when nothing of the device touches guest memory
   * any more. FEATURES_OK stays clear unless the features are a subset of those offered, with
   * VERSION_1. DRIVER_OK after FEATURES_OK starts the queues that were set up.
   */
  public void writeStatus(int value) {
    if (value == 0) {
      reset();
      return;
    }
    Optional<String> fault;
    Generation started;
    InterruptLine interrupts;
    try (DeviceLock _ = lock.hold()) {
      int added = value & ~status;
      status |= value & ~DeviceStatus.NEEDS_RESET;
      if ((added & DeviceStatus.FEATURES_OK) != 0) {
        negotiate();
      }
      if ((added & DeviceStatus.DRIVER_OK) == 0 || (status & DeviceStatus.FEATURES_OK) == 0) {
        return;
      }
      fault = start();
      started = generation;
      interrupts = parts.interrupts();
    }
    if (fault.isPresent()) {
      new GuardedListener(listener).broken(fault.get());
      new GuardedLine(interrupts).configurationChanged();
    }
    started.serveAll(); // what was made available before needs no notification
  }

  /** Accepts or refuses the driver's features, under the lock. */
  private void negotiate() {
    if ((driverFeatures & ~offeredFeatures) != 0
        || (driverFeatures & RingFeatures.VERSION_1) == 0) {
      status &= ~DeviceStatus.FEATURES_OK;
    } else if ((driverFeatures & (CONFIG_WCE | FLUSH)) == CONFIG_WCE) {
      configuration.setWriteback(false); // specification, "Device Initialization" of the device
    }
  }

  /**
   * Says where a queue lies; it is looked at when DRIVER_OK is set.
   *
   * @param queueIndex 0 to {@code options().queueCount() - 1}
   * @throws IndexOutOfBoundsException if there is no such queue
   */
  public void configureQueue(int queueIndex, QueueLayout layout) {
    try (DeviceLock _ = lock.hold()) {
      layouts[Objects.checkIndex(queueIndex, layouts.length)] = layout;
    }
  }

  /** Starts the queues, under the lock; returns what is wrong with them, if something is. */
  private Optional<String> start() {
    try {
      generation = new Generation(parts, memory, layouts, driverFeatures);
      updateWriteThrough();
      return Optional.empty();
    } catch (VirtqueueException e) {
      status |= DeviceStatus.NEEDS_RESET;
      return Optional.of(e.getMessage());
    } catch (RuntimeException | Error e) {
      status |= DeviceStatus.NEEDS_RESET;
      throw e;
    }
  }

  /**
   * The driver's notification: serves the requests of a queue until there are none. A queue that
   * does not exist or has not been started is ignored.
   */
  public void notifyQueue(int queueIndex) {
    generation.serveQueue(queueIndex);
  }

  /** Whether the error policy has stopped the device. */
  public boolean stopped() {
    return generation.stopped();
  }

  /**
   * Ends a stop: submits the held requests again, by queue in their order, and serves what has been
   * made available since. If requests are still on their way to being held, or in progress, the
   * stop ends with the last of them, perhaps after this has returned. Does nothing unless stopped.
   */
  public void resume() {
    generation.resume();
  }

  private void reset() {
    try (DeviceLock _ = lock.hold()) {
      generation.end();
      generation = Generation.none(parts);
      Arrays.fill(layouts, null);
      driverFeatures = 0;
      status = 0;
      configuration.setWriteback(options.writeCache());
      switchingOff = false;
    }
  }

  /**
   * Reads the configuration space.
   *
   * @param offset first byte, not negative
   * @param dst filled; with ones beyond {@link BlkConfiguration#SIZE_BYTES}
   */
  public void readConfiguration(int offset, MemorySegment dst) {
    try (DeviceLock _ = lock.hold()) {
      configuration.read(offset, dst);
    }
  }

  /**
   * Writes to the configuration space. Only {@code writeback} can be written, as a single byte, if
   * CONFIG_WCE is negotiated; everything else is ignored.
   *
   * <p>Switching the write cache off returns when what was written before is durable: the driver
   * will ask for no flush any more. If the disk fails to, the cache stays on, as {@code writeback}
   * then says.
   */
  public void writeConfiguration(int offset, MemorySegment src) {
    if (offset == BlkConfiguration.WRITEBACK_OFFSET && src.byteSize() == 1) {
      synchronized (cacheSwitch) {
        setWriteback(src.get(ValueLayout.JAVA_BYTE, 0) != 0);
      }
    }
  }

  private void setWriteback(boolean writeback) {
    try (DeviceLock _ = lock.hold()) {
      if ((driverFeatures & CONFIG_WCE) == 0) {
        return;
      }
      if (writeback || !configuration.writeback()) {
        configuration.setWriteback(writeback);
        updateWriteThrough();
        return;
      }
      switchingOff = true;
      updateWriteThrough(); // so that one flush is enough
    }
    boolean durable = false;
    try {
      node.flush(); // I3: a reset need not wait for it
      durable = true;
    } catch (IOException e) {
      durable = false; // the driver, which sees that the cache is on, will flush itself
    } finally {
      try (DeviceLock _ = lock.hold()) {
        endSwitch(durable);
      }
    }
  }

  /** Ends the switch, under the lock, for the generation there is by now: after a reset, not. */
  private void endSwitch(boolean durable) {
    if (!switchingOff) {
      return;
    }
    switchingOff = false;
    if (durable) {
      configuration.setWriteback(false);
    }
    updateWriteThrough();
  }

  private void updateWriteThrough() {
    boolean flushes = (driverFeatures & FLUSH) != 0;
    generation.setWriteThrough(!flushes || !configuration.writeback() || switchingOff);
  }

  /** Changes whenever the device changes its configuration space. */
  public int configurationGeneration() {
    try (DeviceLock _ = lock.hold()) {
      return configurationGeneration;
    }
  }

  /** Tells the guest the disk's new size, after the disk was resized. */
  public void capacityChanged() {
    InterruptLine interrupts;
    try (DeviceLock _ = lock.hold()) {
      configuration.setCapacity(node.size());
      configurationGeneration++;
      interrupts = parts.interrupts();
    }
    interrupts.configurationChanged();
  }

  /** {@link #unplug}. */
  @Override
  public void close() {
    unplug();
  }

  /** Where interrupts go while the device is unplugged. */
  private record NoInterrupts() implements InterruptLine {
    @Override
    public void queueInterrupt(int queueIndex) {}

    @Override
    public void configurationChanged() {}
  }
}
