package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes to one cluster that meet while one of them copies it from the backing file. */
class RangeExclusionTest {
  private static final int CLUSTER = TestGraph.CLUSTER;

  private final TestGraph test = new TestGraph();
  private final SlowNode[] slow = new SlowNode[1];
  private final AtomicReference<IOException> failure = new AtomicReference<>();
  private FormatNode disk;

  @BeforeEach
  void openChain() throws IOException {
    test.createToy("/base", 4 * CLUSTER);
    test.createToy("/disk", 4 * CLUSTER, "/base", "toy");
    try (BlockNode base = test.open(TestGraph.toy("/base"))) {
      base.write(0, filled(2 * CLUSTER, 1));
    }
    test.files.wrap("/disk", node -> slow[0] = new SlowNode(node));
    disk = test.open(TestGraph.toy("/disk"));
  }

  @AfterEach
  void close() throws IOException {
    test.close();
    assertThat(failure).hasValue(null);
  }

  @Test
  void zeroWriteWaitsForCopyInProgress() throws Exception {
    Thread copying = startCopy();
    Thread zeroing = start(() -> disk.writeZeroes(0, CLUSTER, ZeroMode.MAY_UNMAP));
    finish(zeroing, copying);
    assertThat(read(0, CLUSTER)).containsOnly(0);
  }

  @Test
  void discardWaitsForCopyInProgress() throws Exception {
    Thread copying = startCopy();
    Thread discarding = start(() -> disk.discard(0, CLUSTER));
    finish(discarding, copying);
    assertThat(read(0, CLUSTER)).containsOnly(0);
  }

  @Test
  void writeToTheSameClusterWaitsAndGoesInPlace() throws Exception {
    Thread copying = startCopy();
    Thread writing = start(() -> disk.write(2000, filled(100, 3)));
    finish(writing, copying);
    byte[] expected = filled(CLUSTER, 1);
    Arrays.fill(expected, 1000, 1100, (byte) 2);
    Arrays.fill(expected, 2000, 2100, (byte) 3);
    assertThat(read(0, CLUSTER)).isEqualTo(expected);
    assertThat(TestGraph.format(disk).freedCount()).isZero();
  }

  @Test
  void writeToTheNextClusterDoesNotWait() throws Exception {
    Thread copying = startCopy();
    disk.write(CLUSTER, filled(100, 3));
    slow[0].goOn();
    copying.join();
    assertThat(read(CLUSTER, 100)).containsOnly(3);
  }

  @Test
  void readSeesTheOldBytesWhileTheyAreCopied() throws Exception {
    Thread copying = startCopy();
    assertThat(read(0, CLUSTER)).containsOnly(1);
    slow[0].goOn();
    copying.join();
    assertThat(read(1000, 100)).containsOnly(2);
  }

  /** A request. */
  private interface Request {
    void run() throws IOException;
  }

  /** Starts a small write and returns when its copy is about to be written. */
  private Thread startCopy() throws InterruptedException {
    slow[0].stopNext();
    Thread thread = start(() -> disk.write(1000, filled(100, 2)));
    slow[0].awaitStopped();
    return thread;
  }

  /** Expects that a thread waits; then lets the copy go on. */
  private void finish(Thread waiting, Thread copying) throws InterruptedException {
    while (waiting.getState() != Thread.State.WAITING && waiting.isAlive()) {
      Thread.sleep(1);
    }
    slow[0].goOn();
    copying.join();
    waiting.join();
  }

  private Thread start(Request request) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                request.run();
              } catch (IOException e) {
                failure.set(e);
              }
            });
  }

  private byte[] read(long offset, int length) throws IOException {
    byte[] found = new byte[length];
    disk.read(offset, found);
    return found;
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
