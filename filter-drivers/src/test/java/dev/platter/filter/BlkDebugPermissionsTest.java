package dev.platter.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.error.NodeBusyException;
import dev.platter.api.error.OptionException;
import dev.platter.conf.ImageOptsParser;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code take-child-perms} and {@code unshare-child-perms} do to other users of a node. */
class BlkDebugPermissionsTest {
  private final DriverRegistry drivers = DriverRegistry.discover();
  private final BlockGraph graph = BlockGraph.builder(drivers).build();
  private final BlockGraph other = BlockGraph.builder(drivers).build();
  @TempDir private Path folder;

  @BeforeEach
  void createImage() throws IOException {
    graph.create(CreateRequest.of("raw", folder.resolve("disk").toString(), 1 << 20));
  }

  @AfterEach
  void closeGraphs() throws IOException {
    other.close();
    graph.close();
  }

  private BlockNode open(BlockGraph graph, String text) throws IOException {
    String whole = text.replace("FILE", "driver=file,filename=" + folder.resolve("disk"));
    return graph.open(
        new ImageOptsParser(drivers, _ -> {})
            .parse(
                whole.replace(
                    "IMAGE", "image.driver=file,image.filename=" + folder.resolve("disk"))));
  }

  @Test
  void writingThatIsNotSharedIsRefusedToOthers() throws IOException {
    open(graph, "driver=blkdebug,IMAGE,unshare-child-perms.0=write");
    assertThatThrownBy(() -> open(other, "FILE"))
        .isInstanceOf(NodeBusyException.class)
        .hasMessageContaining("Failed to get \"write\" lock");
  }

  @Test
  void whatIsTakenIsRefusedWhereOthersDoNotShareIt() throws IOException {
    open(graph, "driver=blkdebug,IMAGE,unshare-child-perms.0=resize");
    assertThatThrownBy(() -> open(other, "driver=blkdebug,IMAGE,take-child-perms.0=resize"))
        .isInstanceOf(NodeBusyException.class)
        .hasMessageContaining("Failed to get \"resize\" lock");
  }

  @Test
  void usersOfOneNodeConflict() throws IOException {
    open(graph, "FILE,node-name=f");
    BlockNode filter =
        open(graph, "driver=blkdebug,node-name=d,image=f,unshare-child-perms.0=write");
    assertThatThrownBy(() -> open(graph, "driver=blkdebug,node-name=r,image=f"))
        .isInstanceOf(NodeBusyException.class)
        .hasMessage(
            "Permission conflict on node 'f': permissions 'write' are both required by node 'r'"
                + " (uses node 'f' as 'file' child) and unshared by node 'd' (uses node 'f' as"
                + " 'file' child).");
    graph.close(filter);
    assertThat(open(graph, "driver=blkdebug,node-name=r,image=f").size()).isEqualTo(1 << 20);
  }

  @Test
  void writingIsNotTakenOfWhatIsOnlyRead() {
    assertThatThrownBy(
            () -> open(graph, "driver=blkdebug,read-only=on,IMAGE,take-child-perms.0=write"))
        .isInstanceOf(OptionException.class)
        .hasMessage("Block node is read-only");
  }

  @Test
  void indicesHaveNoGaps() {
    assertThatThrownBy(() -> open(graph, "driver=blkdebug,IMAGE,take-child-perms.1=write"))
        .hasMessage("List indices are not contiguous, saw 1 elements but 1 largest index");
    assertThatThrownBy(() -> open(graph, "driver=blkdebug,IMAGE,take-child-perms.0=foo"))
        .hasMessageContaining("Parameter 'null' does not accept value 'foo'");
  }

  @Test
  void imageIsNamedByOneOfTwoOptions() throws IOException {
    String name = "x-image=" + folder.resolve("disk");
    assertThat(open(graph, "driver=blkdebug," + name).size()).isEqualTo(1 << 20);
    assertThatThrownBy(() -> open(graph, "driver=blkdebug,IMAGE," + name))
        .hasMessageContaining("Can't specify 'file' and 'filename' options at the same time");
  }
}
