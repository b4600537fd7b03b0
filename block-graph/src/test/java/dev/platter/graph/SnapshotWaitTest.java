package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A snapshot that meets a write in progress: it waits, and the write is in the old top. */
class SnapshotWaitTest {
  private static final int CLUSTER = TestGraph.CLUSTER;

  private final TestGraph test = new TestGraph();
  private final SlowNode[] slow = new SlowNode[1];
  private final AtomicReference<IOException> failure = new AtomicReference<>();

  @BeforeEach
  void createImages() throws IOException {
    test.createToy("/disk", CLUSTER);
    test.files.wrap("/disk", node -> slow[0] = new SlowNode(node));
    test.graph.create(CreateRequest.of("toy", "/over", CLUSTER));
  }

  @AfterEach
  void close() throws IOException {
    test.close();
    assertThat(failure).hasValue(null);
  }

  @Test
  void snapshotWaitsForWriteThroughBackend() throws Exception {
    BlockBackend disk = test.graph.openBackend(TestGraph.toy("/disk"));
    assertThatSnapshotWaits(disk, disk.root(), disk);
  }

  @Test
  void snapshotWaitsForWriteToTheNodeItself() throws Exception {
    BlockNode disk = test.open(TestGraph.toy("/disk"));
    assertThatSnapshotWaits(disk, disk, disk);
  }

  @Test
  void snapshotWaitsForWriteThroughFilter() throws Exception {
    BlockNode filter =
        test.graph.open(
            NodeSpec.of("pass").withChild("file", TestGraph.toy("/disk").named("inner")));
    BlockNode disk = test.graph.find("inner").orElseThrow();
    assertThatSnapshotWaits(filter, disk, disk);
  }

  @Test
  void readThroughLayerAboveIsNotWaitedFor() throws Exception {
    test.createToy("/top", CLUSTER, "/disk", "toy");
    try (BlockNode disk = test.open(TestGraph.toy("/disk"))) {
      disk.write(0, filled(1));
    }
    FormatNode top = test.open(TestGraph.toy("/top"));
    BlockNode disk = top.backing().orElseThrow();
    byte[] found = new byte[CLUSTER];
    slow[0].stopNext();
    Thread reader = start(() -> top.read(0, found));
    slow[0].awaitStopped();
    test.graph.snapshot(disk, TestGraph.toy("/over"));
    slow[0].goOn();
    reader.join();
    assertThat(found).containsOnly(1);
  }

  private void assertThatSnapshotWaits(BlockNode writeTo, BlockNode old, BlockNode running)
      throws Exception {
    writeTo.write(0, filled(1)); // so that the next write goes in place
    slow[0].stopNext();
    Thread writer = start(() -> writeTo.write(0, filled(2)));
    slow[0].awaitStopped();
    Thread snapshot = start(() -> test.graph.snapshot(running, TestGraph.toy("/over")));
    while (snapshot.getState() != Thread.State.WAITING && snapshot.isAlive()) {
      Thread.sleep(1);
    }
    assertThat(old.readOnly()).isFalse();
    slow[0].goOn();
    writer.join();
    snapshot.join();
    assertThat(old.readOnly()).isTrue();
    byte[] found = new byte[CLUSTER];
    old.read(0, found);
    assertThat(found).containsOnly(2);
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
