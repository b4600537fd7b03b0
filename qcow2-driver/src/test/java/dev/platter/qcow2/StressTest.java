package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.driver.Allocation;
import dev.platter.api.driver.CachedFormat.CacheStats;
import dev.platter.api.driver.Mapping;
import dev.platter.api.driver.ReleaseMode;
import dev.platter.tck.fake.MemoryNode;
import dev.platter.tck.fake.TestOpening;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Threads that write, release and read their own clusters, side by side in the same slices, while
 * others read everybody's and flush.
 *
 * <p>Every 8 bytes that are written say which cluster they are for. So whoever finds bytes of
 * another cluster has caught one that was reused too early.
 */
class StressTest {
  private static final int WRITERS = 4;
  private static final int READERS = 2;
  private static final int STEPS = 1_500;
  private static final int CLUSTER_COUNT = 512;

  private final long seed = Long.getLong("platter.seed", System.nanoTime());
  private final CountingFence fence = new CountingFence();
  private final AtomicBoolean stopped = new AtomicBoolean();

  @ParameterizedTest
  @CsvSource({"512, 16, 1k, 2k, 512", "4096, 1, 8k, 16k, 512", "65536, 64, 1M, 256k, 4k"})
  void nobodySeesAnothersBytes(
      int clusterBytes,
      int refcountBits,
      String l2CacheSize,
      String refcountCacheSize,
      String slice)
      throws Exception {
    MemoryNode node =
        NewImages.create(
            (long) CLUSTER_COUNT * clusterBytes,
            "cluster_size=" + clusterBytes,
            "refcount_bits=" + refcountBits);
    long[][] model = new long[CLUSTER_COUNT][];
    try (Qcow2Format format =
        Images.open(
            TestOpening.of(node).withReadFence(fence),
            "l2-cache-size=" + l2CacheSize,
            "refcount-cache-size=" + refcountCacheSize,
            "l2-cache-entry-size=" + slice)) {
      runThreads(format, clusterBytes, model);
      assertHolds(format, clusterBytes, model);
    }
    Qemu.check(node);
    try (Qcow2Format format = Images.open(node.reopenReadOnly())) {
      assertHolds(format, clusterBytes, model);
    }
  }

  private void runThreads(Qcow2Format format, int clusterBytes, long[][] model) throws Exception {
    List<Callable<Void>> writers = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      int ordinal = i;
      writers.add(() -> write(format, clusterBytes, model, ordinal));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(WRITERS + READERS + 1)) {
      List<Future<Void>> others = new ArrayList<>();
      for (int i = 0; i < READERS; i++) {
        long readerSeed = seed + 100 + i;
        others.add(threads.submit(() -> read(format, clusterBytes, readerSeed)));
      }
      others.add(threads.submit(() -> flush(format)));
      try {
        for (Future<Void> writer : threads.invokeAll(writers)) {
          get(writer);
        }
      } finally {
        stopped.set(true);
      }
      for (Future<Void> other : others) {
        get(other);
      }
    }
  }

  private void get(Future<Void> future) throws InterruptedException {
    try {
      future.get();
    } catch (ExecutionException e) {
      throw new AssertionError("seed " + seed, e.getCause());
    }
  }

  private Void write(Qcow2Format format, int clusterBytes, long[][] model, int ordinal)
      throws IOException {
    Random random = new Random(seed + ordinal);
    for (int step = 0; step < STEPS; step++) {
      int cluster = random.nextInt(CLUSTER_COUNT / WRITERS) * WRITERS + ordinal;
      long offset = (long) cluster * clusterBytes;
      switch (random.nextInt(4)) {
        case 0 -> {
          ReleaseMode[] modes = ReleaseMode.values();
          format.release(offset, clusterBytes, modes[random.nextInt(modes.length)]);
          model[cluster] = null;
        }
        case 1 -> assertCluster(format, clusterBytes, cluster, model[cluster]);
        default -> {
          long[] stamps = new long[clusterBytes / 8];
          java.util.Arrays.fill(stamps, (long) cluster << 32 | step + 1);
          put(format, offset, stamps, random.nextInt(8) == 0);
          model[cluster] = stamps;
        }
      }
      CacheStats l2 = format.cacheStats().get(0);
      assertThat(l2.heldBytes()).isLessThanOrEqualTo(l2.capacityBytes());
    }
    return null;
  }

  private void put(Qcow2Format format, long offset, long[] stamps, boolean abandonFirst)
      throws IOException {
    byte[] bytes = new byte[stamps.length * 8];
    ByteBuffer.wrap(bytes).asLongBuffer().put(stamps);
    try (CountingFence.Use _ = fence.enter()) {
      if (format.map(offset, bytes.length) instanceof Mapping.Data data && data.writable()) {
        format.data().write(data.hostOffset(), bytes);
        return;
      }
    }
    if (abandonFirst) {
      try (Allocation allocation = format.allocate(offset, bytes.length)) {
        format.data().write(allocation.hostOffset(), bytes);
      }
    }
    try (Allocation allocation = format.allocate(offset, bytes.length)) {
      format.data().write(allocation.hostOffset(), bytes);
      allocation.commit();
    }
  }

  private Void read(Qcow2Format format, int clusterBytes, long readerSeed) throws IOException {
    Random random = new Random(readerSeed);
    while (!stopped.get()) {
      int cluster = random.nextInt(CLUSTER_COUNT);
      LongBuffer words = clusterAt(format, clusterBytes, cluster);
      while (words.hasRemaining()) {
        long word = words.get();
        assertThat(word == 0 || word >>> 32 == cluster)
            .as("seed %d: cluster %d reads 0x%x", seed, cluster, word)
            .isTrue();
      }
    }
    return null;
  }

  private Void flush(Qcow2Format format) throws IOException {
    while (!stopped.get()) {
      format.flush();
      Thread.onSpinWait();
    }
    return null;
  }

  private void assertHolds(Qcow2Format format, int clusterBytes, long[][] model)
      throws IOException {
    for (int cluster = 0; cluster < CLUSTER_COUNT; cluster++) {
      assertCluster(format, clusterBytes, cluster, model[cluster]);
    }
  }

  private void assertCluster(Qcow2Format format, int clusterBytes, int cluster, long[] expected)
      throws IOException {
    long[] found = new long[clusterBytes / 8];
    clusterAt(format, clusterBytes, cluster).get(found);
    assertThat(found)
        .as("seed %d: cluster %d", seed, cluster)
        .isEqualTo(expected == null ? new long[found.length] : expected);
  }

  private LongBuffer clusterAt(Qcow2Format format, int clusterBytes, int cluster)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(clusterBytes);
    try (CountingFence.Use _ = fence.enter()) {
      if (format.map((long) cluster * clusterBytes, clusterBytes) instanceof Mapping.Data data) {
        long size = format.data().size();
        int present = Math.clamp(size - data.hostOffset(), 0, clusterBytes);
        format.data().read(data.hostOffset(), MemorySegment.ofBuffer(bytes.slice(0, present)));
      }
    }
    return bytes.asLongBuffer();
  }
}
