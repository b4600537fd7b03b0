package dev.platter.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.TemporaryOverlay;
import dev.platter.tck.fake.MemoryNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the file of an image holds once it is read-only for good, although it is still open. */
class FrozenImageTest {
  private static final int CLUSTER = 64 << 10;

  @TempDir private Path folder;
  private Path image;
  private BlockGraph graph;

  @BeforeEach
  void createGraph() {
    image = folder.resolve("image.qcow2");
    graph = BlockGraph.builder(DriverRegistry.discover()).build();
  }

  @AfterEach
  void close() throws IOException {
    graph.close();
    Qemu.check(Qemu.node(image));
  }

  @ParameterizedTest
  @ValueSource(strings = {"on", "off"})
  void liveSnapshotLeavesACleanImageBelow(String lazy) throws IOException {
    create(lazy);
    BlockBackend disk = graph.openBackend(spec(image));
    change(disk);
    Path overlay = folder.resolve("overlay.qcow2");
    graph.createOverlay(disk, "qcow2", overlay.toString(), Map.of());
    graph.snapshot(disk, spec(overlay));
    assertCleanWhileOpen();
    disk.write(0, new byte[CLUSTER]);
    disk.flush();
    assertCleanWhileOpen();
  }

  @Test
  void imageIsMarkedDirtyUntilTheSnapshot() throws IOException {
    create("on");
    BlockBackend disk = graph.openBackend(spec(image));
    change(disk);
    disk.flush();
    assertThat(dirty()).isTrue();
  }

  @Test
  void overlayThatIsOpenedOnARunningImageLeavesItClean() throws IOException {
    create("on");
    BlockNode disk = graph.open(spec(image));
    change(disk);
    try (TemporaryOverlay _ = TemporaryOverlay.over(graph, disk)) {
      assertCleanWhileOpen();
    }
  }

  private void create(String lazy) throws IOException {
    graph.create(
        CreateRequest.of("qcow2", image.toString(), 16L * CLUSTER).with("lazy_refcounts", lazy));
  }

  private static NodeSpec spec(Path file) {
    return NodeSpec.of("qcow2")
        .with("discard", "unmap")
        .withChild("file", NodeSpec.file(file.toString()));
  }

  /** New clusters, and some that become free again. */
  private static void change(BlockNode disk) throws IOException {
    disk.write(0, new byte[3 * CLUSTER]);
    disk.flush();
    disk.writeZeroes(CLUSTER, CLUSTER, ZeroMode.MAY_UNMAP);
    disk.discard(2 * CLUSTER, CLUSTER);
    disk.write(5 * CLUSTER, new byte[CLUSTER]);
  }

  private void assertCleanWhileOpen() throws IOException {
    assertThat(dirty()).isFalse();
    List<String> findings = new ArrayList<>();
    CheckReport report =
        Qcow2Checker.check(image.toString(), Qemu.node(image), Repair.NONE, findings::add);
    assertThat(report.clean()).as("%s", findings).isTrue();
    if (Qemu.installed()) {
      Qemu.img("check", "-U", "-f", "qcow2", image.toString());
    }
  }

  private boolean dirty() throws IOException {
    MemoryNode node = Qemu.node(image);
    return HeaderCodec.decode(node.name(), new ImageFile(node)).features().dirty();
  }
}
