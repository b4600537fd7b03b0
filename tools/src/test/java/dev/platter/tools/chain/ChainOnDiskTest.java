package dev.platter.tools.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.ImageRefusedException;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockBackend;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.FormatNode;
import dev.platter.graph.TemporaryOverlay;
import dev.platter.tck.DiskModel;
import dev.platter.tck.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chains of real images, by the drivers that are found, and as QEMU sees them. */
class ChainOnDiskTest {
  @TempDir Path folder;
  private BlockGraph graph;

  @BeforeEach
  void openGraph() {
    graph = BlockGraph.builder(DriverRegistry.discover()).build();
  }

  @AfterEach
  void closeGraph() throws IOException {
    graph.close();
  }

  @Test
  void chainMadeByQemuReadsTheSame() throws Exception {
    QemuTools.assumeInstalled();
    Path base = folder.resolve("base.img");
    Path middle = folder.resolve("middle.qcow2");
    Path top = folder.resolve("top.qcow2");
    QemuTools.img("create", "-f", "raw", base, "3M");
    QemuTools.io(base, "write -P 1 0 3M", "write -P 2 1M 100k");
    QemuTools.img(
        "create",
        "-f",
        "qcow2",
        "-o",
        "compat=0.10,cluster_size=4k",
        "-b",
        "base.img",
        "-F",
        "raw",
        middle,
        "5M");
    QemuTools.io(middle, "write -P 3 12k 40k", "write -P 4 4M 33k", "write -P 5 2049k 1k");
    QemuTools.img(
        "create",
        "-f",
        "qcow2",
        "-o",
        "cluster_size=64k",
        "-b",
        "middle.qcow2",
        "-F",
        "qcow2",
        top,
        "6M");
    QemuTools.io(top, "write -P 6 100k 1k", "write -z 1M 128k", "write -c -P 7 2M 64k");
    FormatNode node = (FormatNode) graph.open(qcow2(top).with("read-only", "on"));
    assertThat(read(node)).isEqualTo(QemuTools.contents(top));
    assertThat(graph.chainOf(node))
        .extracting(layer -> ((FormatNode) layer).driverName())
        .containsExactly("qcow2", "qcow2", "raw");
  }

  @Test
  void chainMadeHereReadsTheSameInQemu() throws Exception {
    QemuTools.assumeInstalled();
    Path base = create("base.qcow2", 2 << 20, "65536");
    Path top = overlay("top.qcow2", base, "4096");
    try (BlockNode node = graph.open(qcow2(base))) {
      node.write(70_000, filled(100_000, 1));
    }
    byte[] contents;
    try (BlockNode node = graph.open(qcow2(top))) {
      node.write(100_001, filled(3_333, 2));
      node.writeZeroes(80_000, 9_999, ZeroMode.MAY_UNMAP);
      contents = read(node);
    }
    assertThat(QemuTools.contents(top)).isEqualTo(contents);
    QemuTools.check(base);
    QemuTools.check(top);
  }

  @RepeatedTest(6)
  void randomWritesThroughSnapshotsAgreeWithArrayAndQemu() {
    Seeds.run(this::writeThroughSnapshots);
  }

  private void writeThroughSnapshots(RandomGenerator random) throws Exception {
    int size = 512 * random.nextInt(100, 2000);
    String[] clusters = {"512", "4096", "65536"};
    create("0.qcow2", size, clusters[random.nextInt(3)]);
    DiskModel model = new DiskModel(size);
    int layerCount = 4;
    try (BlockBackend disk = graph.openBackend(qcow2(folder.resolve("0.qcow2")))) {
      for (int layer = 1; layer <= layerCount; layer++) {
        change(disk, model, random);
        NodeSpec overlay =
            graph.createOverlay(
                disk,
                "qcow2",
                folder.resolve(layer + ".qcow2").toString(),
                Map.of("cluster_size", OptionValue.of(clusters[random.nextInt(3)])));
        graph.snapshot(disk, overlay.with("discard", "unmap"));
      }
      change(disk, model, random);
      model.assertEquals(disk);
      assertExtentsCover(disk);
    }
    Path top = folder.resolve(layerCount + ".qcow2");
    try (BlockNode again = graph.open(qcow2(top))) {
      model.assertEquals(again);
    }
    QemuTools.assumeInstalled();
    assertThat(QemuTools.contents(top)).isEqualTo(model.range(0, size));
    for (int layer = 0; layer <= layerCount; layer++) {
      QemuTools.check(folder.resolve(layer + ".qcow2"));
    }
  }

  private static void change(BlockNode disk, DiskModel model, RandomGenerator random)
      throws IOException {
    for (int i = 0; i < 40; i++) {
      int offset = random.nextInt(model.size());
      int length = random.nextInt(Math.min(model.size() - offset, 100_000) + 1);
      switch (random.nextInt(6)) {
        case 0 -> {
          disk.writeZeroes(
              offset, length, random.nextBoolean() ? ZeroMode.MAY_UNMAP : ZeroMode.KEEP_ALLOCATED);
          model.zero(offset, length);
        }
        case 1 -> {
          disk.discard(offset, length);
          model.adoptDiscarded(disk, offset, length);
        }
        case 2 -> disk.flush();
        case 3 -> model.assertEquals(disk, offset, length);
        default -> {
          byte[] bytes = Seeds.bytes(random, Math.min(length, 20_000));
          disk.write(offset, bytes);
          model.write(offset, bytes);
        }
      }
    }
  }

  @Test
  void rawBaseGetsOverlayWhileItRuns() throws Exception {
    Path base = folder.resolve("disk.raw");
    graph.create(CreateRequest.of("raw", base.toString(), 1 << 20));
    try (BlockBackend disk =
        graph.openBackend(NodeSpec.of("raw").withChild("file", NodeSpec.file(base.toString())))) {
      disk.write(0, filled(1000, 1));
      Path top = folder.resolve("top.qcow2");
      graph.snapshot(disk, graph.createOverlay(disk, "qcow2", top.toString(), Map.of()));
      disk.write(500, filled(1000, 2));
      byte[] found = new byte[1500];
      disk.read(0, found);
      assertThat(found[499]).isEqualTo((byte) 1);
      assertThat(found[500]).isEqualTo((byte) 2);
    }
    assertThat(Files.readAllBytes(base)).startsWith(filled(1000, 1)).doesNotContain(2);
  }

  @Test
  void temporaryOverlayTakesWritesAndIsGoneAfterwards() throws Exception {
    Path base = create("base.qcow2", 1 << 20, "65536");
    byte[] before = Files.readAllBytes(base);
    BlockNode disk = graph.open(qcow2(base).with("read-only", "on"));
    Path file;
    try (TemporaryOverlay overlay = TemporaryOverlay.over(graph, disk)) {
      overlay.node().write(1000, filled(1000, 3));
      byte[] found = new byte[1000];
      overlay.node().read(1000, found);
      assertThat(found).containsOnly(3);
      file = Path.of(((FormatNode) overlay.node()).imageName());
    }
    assertThat(file.getParent()).doesNotExist();
    disk.close();
    assertThat(Files.readAllBytes(base)).isEqualTo(before);
  }

  @Test
  void loopOnDiskIsRefused() throws Exception {
    Path image = create("a.qcow2", 1 << 20, "65536");
    Path link = Files.createLink(folder.resolve("b.qcow2"), image);
    Path looping = folder.resolve("c.qcow2");
    graph.create(CreateRequest.overlay("qcow2", looping.toString(), "a.qcow2", "qcow2"));
    Files.delete(image);
    Files.delete(link);
    Files.createLink(image, looping);
    assertThatThrownBy(() -> graph.open(qcow2(looping)))
        .isInstanceOf(ImageRefusedException.class)
        .hasMessageContaining("backing chain loops at");
  }

  @Test
  void missingImageIsNamed() {
    assertThatThrownBy(() -> graph.open(qcow2(folder.resolve("none.qcow2"))))
        .isInstanceOf(BlockIoException.class)
        .hasMessage("Could not open '%s': No such file or directory", folder.resolve("none.qcow2"));
    assertThat(graph.nodes()).isEmpty();
  }

  @Test
  void formatIsFoundByLooking() throws Exception {
    Path image = create("disk", 1 << 20, "65536");
    FormatNode node =
        (FormatNode)
            graph.open(NodeSpec.probed().withChild("file", NodeSpec.file(image.toString())));
    assertThat(node.driverName()).isEqualTo("qcow2");
  }

  @Test
  void longChainOfOverlaysOpensAndReads() throws Exception {
    create("0.qcow2", 1 << 20, "65536");
    try (BlockNode base = graph.open(qcow2(folder.resolve("0.qcow2")))) {
      base.write(12_345, filled(10, 9));
    }
    for (int i = 1; i <= 300; i++) {
      overlay(i + ".qcow2", folder.resolve((i - 1) + ".qcow2"), "65536");
    }
    try (BlockNode top = graph.open(qcow2(folder.resolve("300.qcow2")))) {
      byte[] found = new byte[10];
      top.read(12_345, found);
      assertThat(found).containsOnly(9);
      assertThat(top.extent(0, 1).depth()).isEqualTo(300);
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).hasSize(301);
    }
  }

  private static void assertExtentsCover(BlockNode node) throws IOException {
    long at = 0;
    while (at < node.size()) {
      Extent extent = node.extent(at, node.size() - at);
      assertThat(extent.offset()).isEqualTo(at);
      at += extent.length();
    }
    assertThat(at).isEqualTo(node.size());
  }

  private Path create(String name, long size, String clusterSize) throws IOException {
    Path image = folder.resolve(name);
    graph.create(
        CreateRequest.of("qcow2", image.toString(), size).with("cluster_size", clusterSize));
    return image;
  }

  private Path overlay(String name, Path base, String clusterSize) throws IOException {
    Path image = folder.resolve(name);
    graph.create(
        CreateRequest.overlay("qcow2", image.toString(), base.getFileName().toString(), "qcow2")
            .with("cluster_size", clusterSize));
    return image;
  }

  private static NodeSpec qcow2(Path image) {
    return NodeSpec.of("qcow2")
        .with("discard", "unmap")
        .withChild("file", NodeSpec.file(image.toString()));
  }

  private static byte[] read(BlockNode node) throws IOException {
    byte[] bytes = new byte[Math.toIntExact(node.size())];
    node.read(0, bytes);
    return bytes;
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
