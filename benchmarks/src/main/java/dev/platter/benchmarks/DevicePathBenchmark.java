package dev.platter.benchmarks;

import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.blk.RequestExecutor;
import dev.platter.harness.blk.VirtioBlkDevice;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.DriverQueue;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;
import dev.platter.harness.virtio.RingFeatures;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * 4 KiB reads and writes through virtqueue, decoding, a disk in memory, and used ring, on one core
 * (workers of the adaptive executor, which a disk in memory gives nothing to do, apart); the mock
 * driver's side of the ring is part of what is measured. Add {@code -prof gc} for the bytes that a
 * request allocates.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DevicePathBenchmark {
  private static final int DEPTH = 32;
  private static final int REQUEST_BYTES = 4096;
  private static final int DISK_BYTES = 1 << 20;

  /** What a request takes of guest memory, header and status included. */
  private static final long BUFFER_BYTES = 16 << 10;

  /** Whether requests take one descriptor each, or three. */
  @Param({"true", "false"})
  private boolean indirect;

  /** Whether index or flag suppresses notifications. */
  @Param({"true", "false"})
  private boolean eventIndex;

  /** How many buffers the guest has, each at an address of its own, which it uses in turn. */
  @Param({"256"})
  private int buffers;

  /** Whether requests run where they are brought in any case, or move to workers where it pays. */
  @Param({"inline", "adaptive"})
  private String executor;

  private RequestExecutor requestExecutor;
  private MockGuest guest;
  private DriverQueue queue;
  private GuestRequest[] requests;
  private long sector;
  private int next;

  /** Plugs the disk in. */
  @Setup
  public void plug() throws IOException {
    MemoryNode node = new MemoryNode("memory");
    node.write(0, new byte[DISK_BYTES]);
    guest = MockGuest.create(buffers * BUFFER_BYTES + MockGuest.DEFAULT_MEMORY_BYTES);
    requestExecutor =
        executor.equals("adaptive")
            ? RequestExecutor.adaptive(Runtime.getRuntime().availableProcessors())
            : RequestExecutor.inline();
    VirtioBlkDevice device = new VirtioBlkDevice(node, BlkOptions.DEFAULT, requestExecutor);
    DriverOptions options =
        DriverOptions.DEFAULT
            .without(indirect ? 0 : RingFeatures.INDIRECT_DESC)
            .without(eventIndex ? 0 : RingFeatures.EVENT_IDX);
    MockBlkDriver driver = guest.plug(device, options);
    queue = driver.queue(0);
    requests = new GuestRequest[buffers];
    for (int i = 0; i < buffers; i++) {
      requests[i] = driver.newRequest(REQUEST_BYTES);
    }
  }

  /** Frees the guest's memory. */
  @TearDown
  public void unplug() {
    requestExecutor.close();
    guest.close();
  }

  /** Offers a full queue, notifies once, and takes everything back. */
  @Benchmark
  @OperationsPerInvocation(DEPTH)
  public int read() {
    for (int i = 0; i < DEPTH; i++) {
      queue.offer(nextRequest().read(nextSector(), REQUEST_BYTES));
    }
    return serve();
  }

  /** The same, with writes. */
  @Benchmark
  @OperationsPerInvocation(DEPTH)
  public int write() {
    for (int i = 0; i < DEPTH; i++) {
      queue.offer(nextRequest().write(nextSector(), REQUEST_BYTES));
    }
    return serve();
  }

  private int serve() {
    queue.kick();
    int reaped = queue.reap(completed -> {});
    while (reaped < DEPTH) { // workers have the others
      Thread.onSpinWait();
      reaped += queue.reap(completed -> {});
    }
    return reaped;
  }

  private GuestRequest nextRequest() {
    next = (next + 1) % buffers;
    return requests[next];
  }

  private long nextSector() {
    sector = (sector + 8 * 37) % (DISK_BYTES / 512);
    return sector;
  }
}
