package dev.platter.qcow2;

import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.stream.Stream;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Test;

/**
 * Guest clusters that are written, discarded and read as registers, so that the allocator hands out
 * again what went through the quarantine. A cluster that is reused too early shows a reader another
 * register's value, or loses a writer's.
 */
@Param(name = "cluster", gen = IntGen.class, conf = "0:2")
@Param(name = "value", gen = IntGen.class, conf = "1:9")
public class AllocatorLincheckTest {
  private static final int CLUSTER = 512;
  private static final MemoryNode IMAGE;

  static {
    try {
      IMAGE = NewImages.create(64 * CLUSTER, "cluster_size=512");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private final CountingFence fence = new CountingFence();
  private final Object[] ranges = Stream.generate(Object::new).limit(3).toArray();
  private final Qcow2Format format;

  public AllocatorLincheckTest() throws IOException {
    format = Images.open(TestOpening.of(IMAGE.copy()).withReadFence(fence));
  }

  @Operation(params = "cluster")
  public long read(int cluster) throws IOException {
    ByteBuffer word = ByteBuffer.allocate(Long.BYTES);
    try (CountingFence.Use _ = fence.enter()) {
      if (format.map((long) cluster * CLUSTER, CLUSTER) instanceof Mapping.Data data) {
        format.data().read(data.hostOffset(), word);
      }
    }
    return word.getLong(0);
  }

  /** As the graph does it: in place where it may, else into a new cluster. */
  @Operation(params = {"cluster", "value"})
  public void write(int cluster, int value) throws IOException {
    long offset = (long) cluster * CLUSTER;
    ByteBuffer bytes = ByteBuffer.allocate(CLUSTER).putLong(0, value);
    synchronized (ranges[cluster]) {
      try (CountingFence.Use _ = fence.enter()) {
        if (format.map(offset, CLUSTER) instanceof Mapping.Data data && data.writable()) {
          format.data().write(data.hostOffset(), bytes);
          return;
        }
      }
      try (Allocation allocation = format.allocate(offset, CLUSTER)) {
        format.data().write(allocation.hostOffset(), bytes);
        allocation.commit();
      }
    }
  }

  @Operation(params = "cluster")
  public void discard(int cluster) throws IOException {
    synchronized (ranges[cluster]) {
      format.release((long) cluster * CLUSTER, CLUSTER, ReleaseMode.DISCARD);
    }
  }

  @Operation
  public void flush() throws IOException {
    format.flush();
  }

  /** What the clusters are to the guest. */
  public static class Registers {
    private final long[] values = new long[3];

    public long read(int cluster) {
      return values[cluster];
    }

    public void write(int cluster, int value) {
      values[cluster] = value;
    }

    public void discard(int cluster) {
      values[cluster] = 0;
    }

    public void flush() {}
  }

  @Test
  void everyClusterIsARegister() {
    new StressOptions()
        .sequentialSpecification(Registers.class)
        .iterations(10 * Integer.getInteger("platter.lincheck.scenarios", 2))
        .invocationsPerIteration(200)
        .threads(3)
        .actorsPerThread(4)
        .check(getClass());
  }
}
