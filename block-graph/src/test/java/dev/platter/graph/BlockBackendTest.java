package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
import dev.platter.api.Preallocation;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.NodeBusyException;
import dev.platter.api.error.NodeClosedException;
import dev.platter.api.error.OutOfRangeException;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class BlockBackendTest {
  private final TestGraph test = new TestGraph();

  @BeforeEach
  void createImage() throws IOException {
    test.createToy("/disk", 8192);
  }

  @AfterEach
  void nothingStaysOpen() throws IOException {
    test.close();
    assertThat(test.files.openFiles()).isEmpty();
  }

  @Test
  void requestsAreCountedByKind() throws IOException {
    BlockBackend disk = test.graph.openBackend(TestGraph.toy("/disk"));
    disk.write(512, new byte[100]);
    disk.write(0, IoVector.of(MemorySegment.ofArray(new byte[20])));
    disk.read(0, new byte[50]);
    disk.writeZeroes(0, 4096, ZeroMode.MAY_UNMAP);
    disk.discard(0, 4096);
    disk.flush();
    assertThatThrownBy(() -> disk.read(8192, new byte[1])).isInstanceOf(OutOfRangeException.class);
    BackendStats stats = disk.stats();
    assertThat(stats.write().count()).isEqualTo(2);
    assertThat(stats.write().bytes()).isEqualTo(120);
    assertThat(stats.read().count()).isEqualTo(1);
    assertThat(stats.read().bytes()).isEqualTo(50);
    assertThat(stats.read().failed()).isEqualTo(1);
    assertThat(stats.writeZeroes().bytes()).isEqualTo(4096);
    assertThat(stats.discard().count()).isEqualTo(1);
    assertThat(stats.flush().count()).isEqualTo(1);
    assertThat(stats.highestWrittenOffset()).isEqualTo(612);
  }

  @Test
  void rootThatGrowsAsItIsWrittenDoesNotGrowThroughBackend() throws IOException {
    BlockBackend disk = test.graph.openBackend(NodeSpec.file("/disk"));
    long size = disk.size();
    assertThatThrownBy(() -> disk.write(size, new byte[1])).isInstanceOf(OutOfRangeException.class);
    assertThat(disk.size()).isEqualTo(size);
  }

  @Test
  void drainedBackendHoldsRequests() throws Exception {
    BlockBackend disk = test.graph.openBackend(TestGraph.toy("/disk"));
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread guest;
    try (BlockBackend.Drained _ = disk.drain();
        BlockBackend.Drained _ = disk.drain()) {
      guest = writer(disk, failure);
      while (guest.getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
      assertThat(disk.stats().write().count()).isZero();
    }
    guest.join();
    assertThat(failure).hasValue(null);
    assertThat(disk.stats().write().count()).isEqualTo(1);
  }

  @Test
  void closeRefusesTheRequestsThatWereHeld() throws Exception {
    BlockBackend disk = test.graph.openBackend(TestGraph.toy("/disk"));
    AtomicReference<Throwable> failure = new AtomicReference<>();
    try (BlockBackend.Drained _ = disk.drain()) {
      Thread guest = writer(disk, failure);
      while (guest.getState() != Thread.State.WAITING) {
        Thread.sleep(1);
      }
      disk.close();
      guest.join();
    }
    assertThat(failure.get()).isInstanceOf(NodeClosedException.class);
    disk.close();
    assertThat(test.files.openFiles()).isEmpty();
  }

  @Test
  void attachedBackendLeavesTheNodeOpenAndKeepsItFromBeingClosed() throws IOException {
    BlockNode node = test.open(TestGraph.toy("/disk").named("d"));
    BlockBackend disk = test.graph.attach("virtio0", node);
    assertThat(disk.name()).isEqualTo("virtio0");
    assertThatThrownBy(node::close)
        .isInstanceOf(NodeBusyException.class)
        .hasMessage("Node 'd' is busy: node is used as root node of 'virtio0'");
    disk.close();
    node.write(0, new byte[1]);
    node.close();
    assertThatThrownBy(() -> node.read(0, new byte[1])).isInstanceOf(NodeClosedException.class);
    node.close();
  }

  @Test
  void nodeClosesWithTheLastOfItsBackends() throws IOException {
    BlockBackend first = test.graph.openBackend(TestGraph.toy("/disk"));
    BlockBackend second = test.graph.attach(first.root());
    first.close();
    second.write(0, new byte[1]);
    second.close();
    assertThat(test.files.openFiles()).isEmpty();
  }

  @Test
  void nodeOfAnotherGraphIsRefused() throws IOException {
    try (TestGraph other = new TestGraph()) {
      other.createToy("/disk", 8192);
      BlockNode foreign = other.open(TestGraph.toy("/disk"));
      assertThatThrownBy(() -> test.graph.attach(foreign))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void resizeReachesTheImageAndItsBackends() throws IOException {
    BlockBackend disk = test.graph.openBackend(TestGraph.toy("/disk"));
    disk.resize(20_000, Preallocation.OFF);
    disk.write(19_000, new byte[] {1});
    assertThat(disk.size()).isEqualTo(20_000);
    disk.resize(100, Preallocation.OFF);
    assertThatThrownBy(() -> disk.read(100, new byte[1])).isInstanceOf(OutOfRangeException.class);
  }

  private static Thread writer(BlockNode disk, AtomicReference<Throwable> failure) {
    return Thread.ofPlatform()
        .start(
            () -> {
              try {
                disk.write(0, new byte[] {1});
              } catch (IOException e) {
                failure.set(e);
              }
            });
  }
}
