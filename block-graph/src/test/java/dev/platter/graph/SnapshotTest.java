package dev.platter.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.NodeBusyException;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import dev.platter.tck.fake.FaultyNode;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SnapshotTest {
  private static final int SIZE = 4 * TestGraph.CLUSTER;

  private final TestGraph test = new TestGraph();

  @BeforeEach
  void createImage() throws IOException {
    test.createToy("/disk", SIZE);
  }

  @AfterEach
  void nothingStaysOpen() throws IOException {
    test.close();
    assertThat(test.files.openFiles()).isEmpty();
  }

  @Test
  void writesAfterSnapshotGoToTheOverlay() throws IOException {
    BlockBackend disk = test.graph.openBackend(TestGraph.toy("/disk").named("d"));
    disk.write(0, new byte[] {1, 2});
    BlockNode old = disk.root();
    BlockNode overlay = snapshot(disk, "/over");
    disk.write(1, new byte[] {3});
    assertThat(disk.root()).isSameAs(overlay);
    assertThat(read(disk, 2)).containsExactly(1, 3);
    assertThat(read(old, 2)).containsExactly(1, 2);
    assertThat(test.graph.chainOf(disk)).containsExactly(overlay, old);
  }

  @Test
  void oldTopIsFlushedAndReadOnly() throws IOException {
    BlockNode old = test.open(TestGraph.toy("/disk"));
    old.write(0, new byte[] {1});
    snapshot(old, "/over");
    assertThat(old.readOnly()).isTrue();
    assertThatThrownBy(() -> old.write(0, new byte[1])).isInstanceOf(ReadOnlyNodeException.class);
    assertThatThrownBy(() -> old.resize(SIZE * 2, Preallocation.OFF))
        .isInstanceOf(NodeBusyException.class);
    assertThatThrownBy(old::close).isInstanceOf(NodeBusyException.class);
  }

  @Test
  void overlayOnDiskNamesTheOldTop() throws IOException {
    try (BlockBackend disk = test.graph.openBackend(TestGraph.toy("/disk"))) {
      disk.write(0, new byte[] {1});
      snapshot(disk, "/over");
      disk.write(1, new byte[] {2});
    }
    assertThat(test.files.openFiles()).isEmpty();
    try (BlockNode again = test.open(TestGraph.toy("/over"))) {
      assertThat(read(again, 2)).containsExactly(1, 2);
    }
  }

  @Test
  void allBackendsOfTheNodeSeeTheOverlay() throws IOException {
    BlockNode old = test.open(TestGraph.toy("/disk"));
    BlockBackend first = test.graph.attach("first", old);
    BlockBackend second = test.graph.attach("second", old);
    BlockNode overlay = snapshot(first, "/over");
    second.write(0, new byte[] {9});
    assertThat(read(first, 1)).containsExactly(9);
    first.close();
    second.close();
    test.graph.close(overlay);
    assertThat(test.files.openFiles()).isEmpty();
  }

  @Test
  void filtersAboveTheNodeSeeTheOverlay() throws IOException {
    BlockBackend disk =
        test.graph.openBackend(
            NodeSpec.of("pass").withChild("file", TestGraph.toy("/disk").named("inner")));
    disk.write(0, new byte[] {1});
    BlockNode overlay = snapshot(disk, "/over");
    disk.write(0, new byte[] {2});
    assertThat(read(overlay, 1)).containsExactly(2);
    assertThat(read(test.graph.find("inner").orElseThrow(), 1)).containsExactly(1);
    disk.close();
    assertThat(test.files.openFiles()).isEmpty();
  }

  @Test
  void layerInTheMiddleOfChainGetsTheOverlayBelowTheLayersAboveIt() throws IOException {
    test.createToy("/top", SIZE, "/disk", "toy");
    FormatNode top = test.open(TestGraph.toy("/top"));
    FormatNode disk = (FormatNode) top.backing().orElseThrow();
    BlockNode overlay = snapshot(disk, "/over");
    assertThat(top.backing()).contains(overlay);
    assertThat(test.graph.chainOf(top)).containsExactly(top, overlay, disk);
    top.close();
    assertThat(test.files.openFiles()).isEmpty();
  }

  @Test
  void failedFlushOfTheOldTopLeavesTheOverlayAside() throws IOException {
    FaultyNode[] faults = new FaultyNode[1];
    test.files.wrap("/disk", node -> faults[0] = new FaultyNode(node));
    BlockBackend disk = test.graph.openBackend(TestGraph.toy("/disk"));
    BlockNode old = disk.root();
    NodeSpec overlay = test.graph.createOverlay(disk, "toy", "/over", Map.of());
    faults[0].failNth(FaultyNode.Kind.FLUSH, 1, Errno.EIO);
    assertThatThrownBy(() -> test.graph.snapshot(disk, overlay))
        .isInstanceOf(BlockIoException.class);
    faults[0].heal();
    assertThat(disk.root()).isSameAs(old);
    assertThat(read(disk, 1)).containsExactly(0);
    assertThat(test.files.openFiles()).containsExactly("/disk");
  }

  @Test
  void overlayIsNotOpenedOnARunningImageThatCannotBeSettled() throws IOException {
    FaultyNode[] faults = new FaultyNode[1];
    test.files.wrap("/disk", node -> faults[0] = new FaultyNode(node));
    BlockNode disk = test.open(TestGraph.toy("/disk").named("d"));
    test.createToy("/over", SIZE);
    NodeSpec overlay =
        TestGraph.toy("/over").withChild(ChildUse.BACKING, new ChildSpec.Reference("d"));
    faults[0].failNth(FaultyNode.Kind.FLUSH, 1, Errno.EIO);
    assertThatThrownBy(() -> test.graph.open(overlay)).isInstanceOf(BlockIoException.class);
    faults[0].heal();
    assertThat(read(disk, 1)).containsExactly(0);
    assertThat(test.graph.nodes()).hasSize(2);
    assertThat(test.files.openFiles()).containsExactly("/disk");
  }

  @Test
  void overlayThatIsMissingChangesNothing() throws IOException {
    BlockBackend disk = test.graph.openBackend(TestGraph.toy("/disk"));
    assertThatThrownBy(() -> test.graph.snapshot(disk, TestGraph.toy("/missing")))
        .hasMessage("Could not open '/missing': No such file or directory");
    disk.write(0, new byte[] {1});
  }

  @Test
  void unfitOverlaysAreRefused() throws IOException {
    BlockBackend disk = test.graph.openBackend(TestGraph.toy("/disk"));
    test.createToy("/small", SIZE / 2);
    test.files.put("/raw", new byte[SIZE]);
    assertThatThrownBy(() -> test.graph.snapshot(disk, TestGraph.toy("/small")))
        .isInstanceOf(ImageFormatException.class)
        .hasMessage("/small: an overlay of 8192 bytes for a disk of 16384 bytes");
    assertThatThrownBy(() -> test.graph.snapshot(disk, TestGraph.raw("/raw")))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessage("The overlay does not support backing images");
    NodeSpec based = TestGraph.toy("/small").withChild("backing", TestGraph.raw("/raw"));
    assertThatThrownBy(() -> test.graph.snapshot(disk, based))
        .isInstanceOf(OptionException.class)
        .hasMessage("The overlay already has a backing image");
    assertThat(test.files.openFiles()).containsExactly("/disk");
    disk.write(0, new byte[] {1});
  }

  @Test
  void nodeThatIsAnotherFormatsFileGetsNoOverlay() throws IOException {
    test.files.put("/container", Arrays.copyOf(test.files.get("/disk").bytes(), 1 << 20));
    BlockNode inner = test.open(TestGraph.raw("/container").named("inner"));
    BlockNode outer =
        test.graph.open(
            NodeSpec.of("toy").named("outer").withChild("file", new ChildSpec.Reference("inner")));
    test.createToy("/over", inner.size());
    assertThatThrownBy(() -> test.graph.snapshot(inner, TestGraph.toy("/over")))
        .isInstanceOf(NodeBusyException.class)
        .hasMessage("Node 'inner' is busy: node is used as file of 'outer'");
    outer.write(0, new byte[] {1});
  }

  @Test
  void protocolNodeGetsNoOverlay() throws IOException {
    BlockNode file = test.graph.open(NodeSpec.file("/disk"));
    assertThatThrownBy(() -> test.graph.snapshot(file, TestGraph.toy("/over")))
        .isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void snapshotTakenByAnInterruptedThreadIsWholeAndKeepsTheInterrupt() throws IOException {
    BlockBackend disk = test.graph.openBackend(TestGraph.toy("/disk"));
    NodeSpec overlay = test.graph.createOverlay(disk, "toy", "/over", Map.of());
    Thread.currentThread().interrupt();
    BlockNode top = test.graph.snapshot(disk, overlay);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(disk.root()).isSameAs(top);
    disk.write(0, new byte[] {1});
  }

  private BlockNode snapshot(BlockNode running, String fileName) throws IOException {
    NodeSpec overlay =
        test.graph.createOverlay(
            running instanceof BlockBackend backend && backend.root() instanceof Pass
                ? test.graph.find("inner").orElseThrow()
                : running,
            "toy",
            fileName,
            Map.of());
    return test.graph.snapshot(running, overlay.with("discard", "unmap"));
  }

  private static byte[] read(BlockNode node, int length) throws IOException {
    byte[] bytes = new byte[length];
    node.read(0, bytes);
    return bytes;
  }
}
