package dev.platter.benchmarks;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
import dev.platter.api.PromptNode;
import dev.platter.api.driver.ForwardingNode;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import dev.platter.harness.blk.BlkOptions;
import dev.platter.harness.blk.RequestExecutor;
import dev.platter.harness.blk.VirtioBlkDevice;
import dev.platter.harness.guest.DriverOptions;
import dev.platter.harness.guest.DriverQueue;
import dev.platter.harness.guest.Framing;
import dev.platter.harness.guest.GuestRequest;
import dev.platter.harness.guest.MockBlkDriver;
import dev.platter.harness.guest.MockGuest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Reads of 128 KiB that the host has in memory, through a device with the executor that devices
 * have by default, qcow2 and a host file; by themselves, or beside a read that waits for the disk.
 * The file lies in {@code java.io.tmpdir}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PromptReadBenchmark {
  private static final int BYTES = 128 << 10;
  private static final int PIECE_BYTES = 4096;
  private static final long DISK_BYTES = 4 << 20;

  /** What a read of the disk's first sector takes. */
  private static final long WAIT_NANOS = 500_000;

  /** How the bytes are asked for. */
  @Param({"APART", "RUN", "SCATTERED"})
  private Shape shape;

  /** Whether a worker has a request all the while. */
  @Param({"false", "true"})
  private boolean beside;

  private Path image;
  private BlockGraph graph;
  private BlockBackend backend;
  private RequestExecutor executor;
  private MockGuest guest;
  private DriverQueue queue;
  private DriverQueue slowQueue;
  private GuestRequest[] requests;
  private GuestRequest slow;
  private long offset;

  /** How the bytes are asked for. */
  public enum Shape {
    /** 4 KiB each, all over the disk. */
    APART(32, PIECE_BYTES, 37 * PIECE_BYTES),

    /** 4 KiB each, one behind the other. */
    RUN(32, PIECE_BYTES, PIECE_BYTES),

    /** 64 KiB each, into 16 buffers. */
    SCATTERED(2, 64 << 10, 5 * (64 << 10));

    private final int requestCount;
    private final int requestBytes;
    private final long stepBytes;

    Shape(int requestCount, int requestBytes, long stepBytes) {
      this.requestCount = requestCount;
      this.requestBytes = requestBytes;
      this.stepBytes = stepBytes;
    }
  }

  /** A disk whose first sector is not at hand. */
  private static final class WaitingNode extends ForwardingNode implements PromptNode {
    private final PromptNode disk;

    WaitingNode(PromptNode disk) {
      super("waiting", disk);
      this.disk = disk;
    }

    @Override
    public void read(long offset, MemorySegment dst) throws IOException {
      if (offset == 0) {
        LockSupport.parkNanos(WAIT_NANOS);
      }
      disk.read(offset, dst);
    }

    @Override
    public void read(long offset, IoVector dst) throws IOException {
      disk.read(offset, dst);
    }

    @Override
    public boolean promptReads() {
      return disk.promptReads();
    }

    @Override
    public boolean readPromptly(long offset, MemorySegment dst) throws IOException {
      return offset != 0 && disk.readPromptly(offset, dst);
    }

    @Override
    public boolean readPromptly(long offset, IoVector dst) throws IOException {
      return disk.readPromptly(offset, dst);
    }
  }

  /** Makes an image whose clusters are all allocated, reads it once, and plugs it in. */
  @Setup
  @SuppressWarnings("MustBeClosedChecker") // unplug() does
  public void plug() throws IOException {
    image = Files.createTempFile("prompt-read", ".qcow2");
    graph = BlockGraph.builder(DriverRegistry.discover()).build();
    graph.create(
        CreateRequest.of("qcow2", image.toString(), DISK_BYTES).with("preallocation", "metadata"));
    backend =
        graph.openBackend(NodeSpec.of("qcow2").withChild("file", NodeSpec.file(image.toString())));
    byte[] block = new byte[1 << 20];
    for (long at = 0; at < DISK_BYTES; at += block.length) {
      backend.write(at, block);
    }
    executor = RequestExecutor.adaptive(Runtime.getRuntime().availableProcessors());
    BlockNode node = beside ? new WaitingNode(backend) : backend;
    VirtioBlkDevice device =
        new VirtioBlkDevice(node, BlkOptions.builder().queues(2, 256).build(), executor);
    guest = MockGuest.create(shape.requestCount * (shape.requestBytes + (8L << 10)) + (16 << 20));
    MockBlkDriver driver =
        guest.plug(device, DriverOptions.DEFAULT.withFraming(Framing.pieces(PIECE_BYTES)));
    queue = driver.queue(0);
    slowQueue = driver.queue(1);
    slow = driver.newRequest(512);
    requests = new GuestRequest[shape.requestCount];
    for (int i = 0; i < requests.length; i++) {
      requests[i] = driver.newRequest(shape.requestBytes);
    }
  }

  /** Takes it away and deletes it. */
  @TearDown
  public void unplug() throws IOException {
    guest.close();
    executor.close();
    backend.close();
    graph.close();
    Files.delete(image);
  }

  /** 128 KiB, of which the device is told at once. */
  @Benchmark
  public int read() {
    if (beside && (slowQueue.inFlight() == 0 || slowQueue.reap(_ -> {}) > 0)) {
      slowQueue.offer(slow.read(0, 512));
      slowQueue.kick();
    }
    for (GuestRequest request : requests) {
      offset = (offset + shape.stepBytes) % (DISK_BYTES - 2 * BYTES);
      queue.offer(request.read((BYTES + offset) / 512, shape.requestBytes));
    }
    queue.kick();
    int reaped = queue.reap(_ -> {});
    while (reaped < requests.length) { // workers have the others
      Thread.onSpinWait();
      reaped += queue.reap(_ -> {});
    }
    return reaped;
  }
}
