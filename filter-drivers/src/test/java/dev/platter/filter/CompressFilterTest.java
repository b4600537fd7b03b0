package dev.platter.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.IoVector;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The filter {@code compress}. */
class CompressFilterTest {
  private static final int CLUSTER_BYTES = 64 << 10;
  private static final long DISK_BYTES = (1 << 20) + 512;

  @TempDir private Path folder;
  private Path image;
  private BlockGraph graph;

  @BeforeEach
  void createImage() throws IOException {
    graph = BlockGraph.builder(DriverRegistry.discover()).build();
    image = folder.resolve("image.qcow2");
    graph.create(CreateRequest.of("qcow2", image.toString(), DISK_BYTES));
  }

  @AfterEach
  void closeGraph() throws IOException {
    graph.close();
  }

  @Test
  void writesTakeLittleSpaceAndReadBack() throws IOException {
    byte[] ones = filled(1, 10 * CLUSTER_BYTES);
    long before = Files.size(image);
    try (BlockNode node = graph.open(filtered("qcow2"))) {
      node.write(0, ones);
      byte[] back = new byte[ones.length];
      node.read(0, back);
      assertThat(back).isEqualTo(ones);
    }
    assertThat(Files.size(image) - before).isLessThan(3 * CLUSTER_BYTES);
  }

  @Test
  void writesOfPartsAndOfManySegmentsAreRoundedOutToClusters() throws IOException {
    try (BlockNode node = graph.open(filtered("qcow2"))) {
      node.write(1000, filled(1, 500));
      MemorySegment twos = MemorySegment.ofArray(filled(2, 3 * CLUSTER_BYTES));
      node.write(
          CLUSTER_BYTES + 512L,
          IoVector.of(twos.asSlice(0, 700), twos.asSlice(700, 2 * CLUSTER_BYTES)));
      node.write(DISK_BYTES - 5, filled(3, 5)); // the last cluster is a short one
      assertThat(read(node, 0, 1000)).containsOnly(0);
      assertThat(read(node, 1000, 500)).containsOnly(1);
      assertThat(read(node, CLUSTER_BYTES, 512)).containsOnly(0);
      assertThat(read(node, CLUSTER_BYTES + 512L, 700 + 2 * CLUSTER_BYTES)).containsOnly(2);
      assertThat(read(node, DISK_BYTES - 5, 5)).containsOnly(3);
    }
  }

  @Test
  void aSecondWriteToAClusterFailsAndLeavesTheFirst() throws IOException {
    try (BlockNode node = graph.open(filtered("qcow2"))) {
      node.write(0, filled(1, CLUSTER_BYTES));
      assertThatThrownBy(() -> node.write(512, filled(2, 512)))
          .isInstanceOfSatisfying(
              BlockIoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EIO));
      assertThat(read(node, 0, CLUSTER_BYTES)).containsOnly(1);
    }
  }

  @Test
  void aFormatThatCannotCompressIsRefused() {
    assertThatThrownBy(() -> graph.open(filtered("raw")))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("Compression is not supported for underlying format");
  }

  private NodeSpec filtered(String format) {
    return NodeSpec.of("compress")
        .withChild("file", NodeSpec.of(format).withChild("file", NodeSpec.file(image.toString())));
  }

  private static byte[] filled(int value, int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static byte[] read(BlockNode node, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    node.read(offset, bytes);
    return bytes;
  }
}
