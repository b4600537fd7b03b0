package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A transfer that is slow, while the cluster that it uses is discarded and space is wanted. */
class ReadFenceTest {
  private static final int CLUSTER = TestGraph.CLUSTER;

  private final TestGraph test = new TestGraph();
  private final SlowNode[] slow = new SlowNode[1];
  private final AtomicReference<IOException> failure = new AtomicReference<>();
  private FormatNode disk;

  @BeforeEach
  void openDisk() throws IOException {
    test.createToy("/disk", 4 * CLUSTER);
    test.files.wrap("/disk", node -> slow[0] = new SlowNode(node));
    disk = test.open(TestGraph.toy("/disk"));
    disk.write(0, filled(1));
  }

  @AfterEach
  void close() throws IOException {
    test.close();
    assertThat(failure).hasValue(null);
  }

  @Test
  void clusterIsNotReusedWhileItIsRead() throws Exception {
    long hostOffset = disk.extent(0, 1).hostOffset().orElseThrow();
    byte[] found = new byte[CLUSTER];
    slow[0].stopNext();
    Thread reader = start(() -> disk.read(0, found));
    slow[0].awaitStopped();
    disk.discard(0, CLUSTER);
    disk.write(CLUSTER, filled(2));
    assertThat(disk.extent(CLUSTER, 1).hostOffset().orElseThrow()).isNotEqualTo(hostOffset);
    slow[0].goOn();
    reader.join();
    assertThat(found).containsOnly(1);
    disk.write(2 * CLUSTER, filled(3));
    assertThat(disk.extent(2 * CLUSTER, 1).hostOffset()).hasValue(hostOffset);
  }

  @Test
  void clusterIsNotReusedWhileItIsWrittenInPlace() throws Exception {
    slow[0].stopNext();
    Thread writer = start(() -> disk.write(0, filled(9)));
    slow[0].awaitStopped();
    disk.discard(0, CLUSTER);
    disk.write(CLUSTER, filled(2));
    slow[0].goOn();
    writer.join();
    byte[] found = new byte[CLUSTER];
    disk.read(CLUSTER, found);
    assertThat(found).containsOnly(2);
    disk.read(0, found);
    assertThat(found).containsOnly(0);
  }

  /** A request. */
  private interface Request {
    void run() throws IOException;
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

  private static byte[] filled(int value) {
    byte[] bytes = new byte[CLUSTER];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
