package dev.platter.benchmarks;

import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
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
 * 4 KiB requests through the node graph on one thread: backend, qcow2 with its tables in memory,
 * and a host file's system call. Add {@code -prof gc} for the bytes that a request allocates. The
 * file lies in {@code java.io.tmpdir}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class NodeReadBenchmark {
  private static final int REQUEST_BYTES = 4096;
  private static final long DISK_BYTES = 64 << 20;

  /** Somewhat more than a cluster, and prime to the disk's size. */
  private static final long STEP_BYTES = 17 * REQUEST_BYTES;

  /** Whether the host's cache is gone round. */
  @Param({"true", "false"})
  private boolean direct;

  private Arena arena;
  private Path image;
  private BlockGraph graph;
  private BlockBackend backend;
  private MemorySegment memory;
  private long offset;

  /** Makes an image whose clusters are all allocated. */
  @Setup
  @SuppressWarnings("MustBeClosedChecker") // close() does
  public void open() throws IOException {
    arena = Arena.ofShared();
    memory = arena.allocate(REQUEST_BYTES, REQUEST_BYTES);
    image = Files.createTempFile("node-read", ".qcow2");
    graph = BlockGraph.builder(DriverRegistry.discover()).build();
    graph.create(
        CreateRequest.of("qcow2", image.toString(), DISK_BYTES).with("preallocation", "metadata"));
    NodeSpec file = NodeSpec.file(image.toString()).with("cache.direct", direct ? "on" : "off");
    backend = graph.openBackend(NodeSpec.of("qcow2").withChild("file", file));
  }

  /** Closes and deletes it. */
  @TearDown
  public void close() throws IOException {
    backend.close();
    graph.close();
    arena.close();
    Files.delete(image);
  }

  /** One request to read. */
  @Benchmark
  public void read() throws IOException {
    backend.read(nextOffset(), memory);
  }

  /** One request to write in place. */
  @Benchmark
  public void write() throws IOException {
    backend.write(nextOffset(), memory);
  }

  private long nextOffset() {
    offset = (offset + STEP_BYTES) % DISK_BYTES;
    return offset;
  }
}
