package dev.platter.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.GrowingNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.NodeClosedException;
import dev.platter.file.FileNodes.Means;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What several threads do to one file at once. */
@Timeout(120)
class HostFileThreadsTest {
  private static final int THREADS = 8;

  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void create() throws IOException {
    path = Files.write(folder.resolve("disk"), new byte[0]);
  }

  @ParameterizedTest
  @EnumSource
  void interruptsDuringRequestsHarmNobody(Means means) throws Exception {
    try (GrowingNode node = means.open(path);
        ExecutorService executor = Executors.newFixedThreadPool(3)) {
      node.write(0, new byte[4096]);
      AtomicBoolean done = new AtomicBoolean();
      CompletableFuture<Thread> victim = new CompletableFuture<>();
      Future<Integer> interrupted = executor.submit(() -> transfers(node, victim));
      Future<?> pest = executor.submit(() -> interruptUntil(victim.join(), done));
      Future<Integer> bystander = executor.submit(() -> readsUntil(node, done));
      assertThat(interrupted.get()).as("interrupts that arrived").isPositive();
      done.set(true);
      pest.get();
      assertThat(bystander.get()).as("reads of a thread that nobody interrupts").isPositive();
      node.write(4096, new byte[] {1});
    }
  }

  /** Transfers while this thread is interrupted; returns how often it found that it was. */
  private static int transfers(GrowingNode node, CompletableFuture<Thread> victim)
      throws IOException {
    victim.complete(Thread.currentThread());
    int interrupts = 0;
    byte[] bytes = new byte[4096];
    byte[] found = new byte[4096];
    for (int i = 0; i < 200 || interrupts == 0; i++) {
      Arrays.fill(bytes, (byte) i);
      node.write(0, bytes);
      node.read(0, found);
      assertThat(found).isEqualTo(bytes);
      if (i % 50 == 0) {
        node.flush();
      }
      interrupts += Thread.interrupted() ? 1 : 0;
    }
    return interrupts;
  }

  private static void interruptUntil(Thread victim, AtomicBoolean done) {
    while (!done.get()) {
      victim.interrupt();
      Thread.onSpinWait();
    }
  }

  private static int readsUntil(GrowingNode node, AtomicBoolean done) throws IOException {
    int count = 0;
    do {
      node.read(0, new byte[512]);
      count++;
    } while (!done.get());
    return count;
  }

  @ParameterizedTest
  @EnumSource
  void appendsAtOnceAllArriveAndTheSizeCoversThem(Means means) throws Exception {
    int blockBytes = 1500;
    int blocks = 40 * THREADS;
    try (GrowingNode node = means.open(path)) {
      onThreads(
          thread -> {
            for (int block = thread; block < blocks; block += THREADS) {
              long offset = (long) block * blockBytes;
              if (block % 5 == 4) {
                node.writeZeroes(offset, blockBytes, ZeroMode.MAY_UNMAP);
              } else {
                node.write(offset, filled(blockBytes, block));
              }
              assertThat(node.size()).isGreaterThanOrEqualTo(offset + blockBytes);
            }
          });
      assertThat(node.size()).isEqualTo((long) blocks * blockBytes);
    }
    byte[] found = Files.readAllBytes(path);
    assertThat(found).hasSize(blocks * blockBytes);
    for (int block = 0; block < blocks; block++) {
      byte[] expected = block % 5 == 4 ? new byte[blockBytes] : filled(blockBytes, block);
      assertThat(Arrays.copyOfRange(found, block * blockBytes, (block + 1) * blockBytes))
          .as("block %d", block)
          .isEqualTo(expected);
    }
  }

  /** With direct I/O, each of these writes reads and writes back its neighbours. */
  @ParameterizedTest
  @EnumSource
  void writesToPartsOfOneUnitDoNotUndoEachOther(Means means) throws Exception {
    int slotBytes = 100;
    try (GrowingNode node = means.open(path)) {
      onThreads(
          thread -> {
            for (int round = 1; round <= 50; round++) {
              node.write((long) thread * slotBytes, filled(slotBytes, round));
              byte[] found = new byte[slotBytes];
              node.read((long) thread * slotBytes, found);
              assertThat(found).as("slot %d", thread).isEqualTo(filled(slotBytes, round));
            }
          });
    }
    assertThat(Files.readAllBytes(path)).isEqualTo(filled(THREADS * slotBytes, 50));
  }

  @ParameterizedTest
  @EnumSource
  void closeWaitsForRequestsAndRefusesLaterOnes(Means means) throws Exception {
    GrowingNode node = means.open(path);
    node.write(0, filled(4096, 1));
    AtomicBoolean closed = new AtomicBoolean();
    onThreads(
        thread -> {
          if (thread == 0) {
            node.close();
            closed.set(true);
          } else {
            readUntilClosed(node);
          }
        });
    assertThat(closed).isTrue();
    node.close();
  }

  private static void readUntilClosed(GrowingNode node) throws IOException {
    byte[] expected = filled(4096, 1);
    byte[] found = new byte[4096];
    try {
      while (true) {
        Arrays.fill(found, (byte) 7);
        node.read(0, found);
        assertThat(found).isEqualTo(expected);
      }
    } catch (NodeClosedException e) {
      assertThat(e).hasMessage("disk0: node is closed");
    }
  }

  private interface Part {
    void run(int thread) throws Exception;
  }

  private static void onThreads(Part part) throws Exception {
    List<Callable<Void>> parts = new ArrayList<>();
    IntStream.range(0, THREADS)
        .forEach(
            thread ->
                parts.add(
                    () -> {
                      part.run(thread);
                      return null;
                    }));
    try (ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
      for (Future<Void> future : executor.invokeAll(parts)) {
        future.get();
      }
    }
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) (value * 31 + 1));
    return bytes;
  }
}
