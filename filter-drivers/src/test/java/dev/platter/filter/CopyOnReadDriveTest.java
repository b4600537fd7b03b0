package dev.platter.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import dev.platter.harness.BlockRuntime;
import dev.platter.harness.Drive;
import dev.platter.harness.RuntimeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drives with {@code copy-on-read=on}. */
class CopyOnReadDriveTest {
  private static final int CLUSTER_BYTES = 64 << 10;

  @TempDir private Path folder;
  private Path base;
  private Path overlay;

  @BeforeEach
  void createChain() throws IOException {
    byte[] content = new byte[4 * CLUSTER_BYTES];
    Arrays.fill(content, (byte) 7);
    base = Files.write(folder.resolve("base.raw"), content);
    overlay = folder.resolve("overlay.qcow2");
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build()) {
      graph.create(CreateRequest.overlay("qcow2", overlay.toString(), base.toString(), "raw"));
    }
  }

  @Test
  void whatAGuestReadsIsKeptInTheTopImageWhoseFormatWasProbed() throws IOException {
    readFirstCluster("file=" + overlay + ",copy-on-read=on");
    assertThat(heldByOverlay(0)).isTrue();
    assertThat(heldByOverlay(CLUSTER_BYTES)).isFalse();
  }

  @Test
  void withATemporaryOverlayTheImageStaysAsItWas() throws IOException {
    readFirstCluster("file=" + overlay + ",copy-on-read=on,snapshot=on");
    assertThat(heldByOverlay(0)).isFalse();
  }

  @Test
  void withoutItNothingIsKept() throws IOException {
    readFirstCluster("file=" + overlay);
    assertThat(heldByOverlay(0)).isFalse();
  }

  private static void readFirstCluster(String options) throws IOException {
    try (BlockRuntime runtime = BlockRuntime.create(RuntimeSettings.DEFAULT);
        Drive drive = runtime.open(options)) {
      byte[] bytes = new byte[512];
      drive.backend().read(1000, bytes);
      assertThat(bytes).containsOnly(7);
    }
  }

  private boolean heldByOverlay(long offset) throws IOException {
    NodeSpec spec = NodeSpec.of("qcow2").withChild("file", NodeSpec.file(overlay.toString()));
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build();
        BlockNode node = graph.open(spec.with("read-only", "on"))) {
      return node.extent(offset, 512).depth() == 0;
    }
  }
}
