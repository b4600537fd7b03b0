package dev.platter.harness.guest;

import dev.platter.harness.blk.BlkFeatures;
import dev.platter.harness.blk.BlkStatus;
import dev.platter.harness.blk.DeviceStatus;
import dev.platter.harness.blk.InterruptLine;
import dev.platter.harness.blk.VirtioBlkDevice;
import dev.platter.harness.virtio.QueueLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The guest's driver of a virtio block device.
 *
 * <p>The methods named after operations are synchronous: they split what is longer than a request,
 * wait, and throw {@link GuestIoException} on any status but OK. They may be called from any
 * thread; those that meet on a queue take turns. For requests in flight side by side use {@link
 * #queue} and {@link #newRequest}; a queue is then one thread's.
 */
public final class MockBlkDriver {
  private static final int SECTOR_BYTES = 512;
  private static final int SYNCHRONOUS_BYTES = 256 << 10;

  private final MockGuest guest;
  private final VirtioBlkDevice device;
  private final DriverOptions options;
  private final DeviceFields fields;
  private final List<QueueMemory> queueMemory = new ArrayList<>();
  private final Map<Integer, Deque<GuestRequest>> recycled = new HashMap<>();
  private volatile List<DriverQueue> queues = List.of();
  private volatile long features;
  private volatile Optional<String> givenUp = Optional.empty();

  /** Memory of a queue, which stays its own over restarts. */
  private record QueueMemory(QueueLayout layout, long tablesAddress, GuestRequest synchronous) {}

  MockBlkDriver(MockGuest guest, VirtioBlkDevice device, DriverOptions options) {
    this.guest = guest;
    this.device = device;
    this.options = options;
    this.fields = new DeviceFields(device);
  }

  InterruptLine interruptLine() {
    return new InterruptLine() {
      @Override
      public void queueInterrupt(int queueIndex) {
        List<DriverQueue> all = queues;
        if (queueIndex < all.size()) {
          all.get(queueIndex).interrupted();
        }
      }

      @Override
      public void configurationChanged() {
        queues.forEach(DriverQueue::wake);
      }
    };
  }

  /** Negotiates and starts the queues: specification, "Device Initialization". */
  void start() throws GuestIoException {
    int status = DeviceStatus.ACKNOWLEDGE | DeviceStatus.DRIVER;
    device.writeStatus(0);
    device.writeStatus(DeviceStatus.ACKNOWLEDGE);
    device.writeStatus(status);
    features = device.offeredFeatures() & options.featureMask();
    device.writeDriverFeatures(features);
    status |= DeviceStatus.FEATURES_OK;
    device.writeStatus(status);
    if ((device.status() & DeviceStatus.FEATURES_OK) == 0) {
      device.writeStatus(status | DeviceStatus.FAILED);
      throw new GuestIoException("the device refuses features 0x%x".formatted(features));
    }
    startQueues();
    device.writeStatus(status | DeviceStatus.DRIVER_OK);
    requireWorking();
  }

  private void startQueues() {
    int offered = has(BlkFeatures.MQ) ? fields.queueCount() : 1;
    int queueSize = Math.min(options.queueSize(), device.options().queueSize());
    List<DriverQueue> started = new ArrayList<>();
    for (int i = 0; i < Math.min(options.queueCount(), offered); i++) {
      if (i == queueMemory.size()) {
        queueMemory.add(allocateQueue(queueSize));
      }
      QueueMemory memory = queueMemory.get(i);
      DriverRing ring =
          new DriverRing(guest.memory(), memory.layout(), memory.tablesAddress(), features);
      started.add(new DriverQueue(this, i, ring, queueSize, options.framing()));
      device.configureQueue(i, memory.layout());
    }
    queues = List.copyOf(started);
  }

  private QueueMemory allocateQueue(int queueSize) {
    QueueLayout shape = QueueLayout.contiguous(queueSize, 0);
    long address = guest.allocate(shape.usedAddress() + shape.usedBytes(), 4096);
    long tablesAddress = guest.allocate(DriverRing.tableBytes(queueSize), 4096);
    return new QueueMemory(
        QueueLayout.contiguous(queueSize, address), tablesAddress, newRequest(SYNCHRONOUS_BYTES));
  }

  /** Resets the device and starts it anew; requests in flight are lost. */
  public void restart() throws GuestIoException {
    start();
  }

  /** The device. */
  public VirtioBlkDevice device() {
    return device;
  }

  /** The negotiated features. */
  public long features() {
    return features;
  }

  /** Whether all of these features are negotiated. */
  public boolean has(long wanted) {
    return (features & wanted) == wanted;
  }

  /** How many queues the driver uses. */
  public int queueCount() {
    return queues.size();
  }

  /** A queue, for one thread to use until the next restart. */
  public DriverQueue queue(int queueIndex) {
    return queues.get(queueIndex);
  }

  /** Memory for a request with up to {@code capacityBytes} of data. */
  public GuestRequest newRequest(int capacityBytes) {
    synchronized (recycled) {
      Deque<GuestRequest> free = recycled.get(capacityBytes);
      if (free != null && !free.isEmpty()) {
        return free.pop();
      }
    }
    return new GuestRequest(guest, capacityBytes);
  }

  /** Gives a request's memory back, for another {@link #newRequest}; it must not be in flight. */
  public void recycle(GuestRequest request) {
    synchronized (recycled) {
      int capacityBytes = (int) request.buffer().byteSize();
      recycled.computeIfAbsent(capacityBytes, key -> new ArrayDeque<>()).push(request);
    }
  }

  /** The disk's size in bytes, as the configuration space says it now. */
  public long capacityBytes() {
    return fields.capacitySectors() * SECTOR_BYTES;
  }

  /** The logical block size in bytes. */
  public int logicalBlockBytes() {
    return fields.logicalBlockBytes();
  }

  /** Switches the device's write cache; CONFIG_WCE must be negotiated. */
  public void setWriteback(boolean writeback) {
    fields.setWriteback(writeback);
  }

  /**
   * Reads bytes.
   *
   * @param offset a multiple of the logical block size
   * @param length a multiple of the logical block size
   */
  public byte[] read(long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    for (int done = 0; done < length; done += SYNCHRONOUS_BYTES) {
      int at = done;
      int take = Math.min(length - done, SYNCHRONOUS_BYTES);
      submit(
          request -> request.read((offset + at) / SECTOR_BYTES, take),
          request -> MemorySegment.copy(request.data(), ValueLayout.JAVA_BYTE, 0, bytes, at, take));
    }
    return bytes;
  }

  /** Writes bytes; offset and length are multiples of the logical block size. */
  public void write(long offset, byte[] bytes) throws IOException {
    for (int done = 0; done < bytes.length; done += SYNCHRONOUS_BYTES) {
      int at = done;
      int take = Math.min(bytes.length - done, SYNCHRONOUS_BYTES);
      submit(
          request -> {
            MemorySegment.copy(bytes, at, request.buffer(), ValueLayout.JAVA_BYTE, 0, take);
            request.write((offset + at) / SECTOR_BYTES, take);
          },
          request -> {});
    }
  }

  /** Makes completed writes durable. */
  public void flush() throws IOException {
    submit(GuestRequest::flush, request -> {});
  }

  /** Discards a range; offset and length are multiples of the logical block size. */
  public void discard(long offset, long length) throws IOException {
    int sectorCount = Math.toIntExact(length / SECTOR_BYTES);
    submit(request -> request.discard(offset / SECTOR_BYTES, sectorCount), request -> {});
  }

  /** Zeroes a range; offset and length are multiples of the logical block size. */
  public void writeZeroes(long offset, long length, boolean unmap) throws IOException {
    int sectorCount = Math.toIntExact(length / SECTOR_BYTES);
    submit(
        request -> request.writeZeroes(offset / SECTOR_BYTES, sectorCount, unmap), request -> {});
  }

  /** The disk's serial number. */
  public String serial() throws IOException {
    StringBuilder serial = new StringBuilder();
    submit(
        GuestRequest::identify,
        request -> {
          byte[] bytes = request.data().toArray(ValueLayout.JAVA_BYTE);
          serial.append(new String(bytes, StandardCharsets.UTF_8).replace("\0", ""));
        });
    return serial.toString();
  }

  private void submit(Consumer<GuestRequest> prepare, Consumer<GuestRequest> finish)
      throws GuestIoException {
    List<DriverQueue> all = queues;
    int queueIndex = (int) (Thread.currentThread().threadId() % all.size());
    QueueMemory memory = queueMemory.get(queueIndex);
    synchronized (memory) {
      DriverQueue queue = all.get(queueIndex);
      GuestRequest request = memory.synchronous();
      prepare.accept(request);
      if (!queue.offer(request)) {
        throw new IllegalStateException("queue %d is full".formatted(queueIndex));
      }
      queue.kick();
      queue.await(options.timeout());
      queue.reap(completed -> {});
      if (request.status() != BlkStatus.OK) {
        throw new GuestIoException(request.toString(), request.status());
      }
      finish.accept(request);
    }
  }

  /**
   * Gives up what the device still has: it is reset, and whoever waits for an answer gets a {@link
   * GuestIoException}. The driver is of no use any more. Any thread.
   *
   * @param why the exception's message
   */
  public void giveUp(String why) {
    givenUp = Optional.of(why);
    device.writeStatus(0);
    queues.forEach(DriverQueue::wake);
  }

  /** Whether the error policy has stopped the device: an answer takes until it is resumed. */
  public boolean paused() {
    return device.stopped();
  }

  /** How long a caller should wait for an answer. */
  public Duration timeout() {
    return options.timeout();
  }

  void requireWorking() throws GuestIoException {
    Optional<String> why = givenUp;
    if (why.isPresent()) {
      throw new GuestIoException(why.get());
    }
    if ((device.status() & DeviceStatus.NEEDS_RESET) != 0) {
      throw new GuestIoException("the device needs a reset");
    }
  }
}
