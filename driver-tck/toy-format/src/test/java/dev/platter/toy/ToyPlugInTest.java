package dev.platter.toy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.platter.api.BlockNode;
import dev.platter.api.error.OptionException;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.FormatNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user gets by putting the driver's jar on the class path, and nothing else. */
class ToyPlugInTest {
  private static final int CELL_BYTES = 64 << 10;

  @TempDir private Path folder;
  private final BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build();

  @AfterEach
  void closeGraph() throws IOException {
    graph.close();
  }

  @Test
  void imageIsKnownByItsContent() throws IOException {
    graph.create(CreateRequest.of("toy", path("disk"), 1 << 20).with("cluster_size", "4k"));
    try (BlockNode disk = open("disk")) {
      assertThat(((FormatNode) disk).driverName()).isEqualTo("toy");
      disk.write(5000, new byte[] {1, 2, 3});
    }
    try (BlockNode disk = open("disk")) {
      byte[] found = new byte[5];
      disk.read(4999, found);
      assertThat(found).containsExactly(0, 1, 2, 3, 0);
    }
  }

  @Test
  void imageLiesInAChainWithOtherFormats() throws IOException {
    graph.create(CreateRequest.of("qcow2", path("base.qcow2"), 4L * CELL_BYTES));
    fill("base.qcow2", "AA--");
    graph.create(CreateRequest.overlay("toy", path("middle.toy"), "base.qcow2", "qcow2"));
    fill("middle.toy", "-BB-");
    graph.create(CreateRequest.overlay("qcow2", path("top.qcow2"), "middle.toy", "toy"));
    fill("top.qcow2", "--C-");
    try (BlockNode top = open("top.qcow2")) {
      assertThat(graph.chainOf(top))
          .extracting(node -> ((FormatNode) node).driverName())
          .isEqualTo(List.of("qcow2", "toy", "qcow2"));
      assertThat(cells(top)).isEqualTo("ABC-");
    }
  }

  @Test
  void misspeltOptionIsExplained() {
    CreateRequest request =
        CreateRequest.of("toy", path("disk"), 1 << 20).with("cluster_sise", "4k");
    assertThatExceptionOfType(OptionException.class)
        .isThrownBy(() -> graph.create(request))
        .satisfies(e -> assertThat(e.problems().getFirst().suggestion()).contains("cluster_size"));
  }

  private void fill(String fileName, String cells) throws IOException {
    try (BlockNode node = open(fileName)) {
      for (int i = 0; i < cells.length(); i++) {
        if (cells.charAt(i) != '-') {
          byte[] cell = new byte[CELL_BYTES];
          Arrays.fill(cell, (byte) cells.charAt(i));
          node.write((long) i * CELL_BYTES, cell);
        }
      }
    }
  }

  private static String cells(BlockNode node) throws IOException {
    StringBuilder cells = new StringBuilder();
    for (long at = 0; at < node.size(); at += CELL_BYTES) {
      byte[] cell = new byte[CELL_BYTES];
      node.read(at, cell);
      assertThat(cell).containsOnly(cell[0]);
      cells.append(cell[0] == 0 ? '-' : (char) cell[0]);
    }
    return cells.toString();
  }

  private BlockNode open(String fileName) throws IOException {
    return graph.open(NodeSpec.probed().withChild("file", NodeSpec.file(path(fileName))));
  }

  private String path(String fileName) {
    return folder.resolve(fileName).toString();
  }
}
