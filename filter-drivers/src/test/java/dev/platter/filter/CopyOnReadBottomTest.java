package dev.platter.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.conf.ImageOptsParser;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Filter {@code copy-on-read} with {@code bottom}, on a chain {@code base}, {@code mid}, {@code
 * top}.
 */
class CopyOnReadBottomTest {
  private static final int CLUSTER_BYTES = 64 << 10;
  private static final String TOP = "driver=qcow2,node-name=t,backing.node-name=m,file.filename=";

  private final DriverRegistry drivers = DriverRegistry.discover();
  private final BlockGraph graph = BlockGraph.builder(drivers).build();
  @TempDir private Path folder;

  @BeforeEach
  void createChain() throws IOException {
    graph.create(CreateRequest.of("qcow2", path("base"), 2 * CLUSTER_BYTES));
    write("base", 0, (byte) 0x11);
    graph.create(CreateRequest.overlay("qcow2", path("mid"), "base", "qcow2"));
    write("mid", CLUSTER_BYTES, (byte) 0x22);
    graph.create(CreateRequest.overlay("qcow2", path("top"), "mid", "qcow2"));
  }

  @AfterEach
  void closeGraph() throws IOException {
    graph.close();
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private BlockNode open(String text) throws IOException {
    return graph.open(new ImageOptsParser(drivers, _ -> {}).parse(text));
  }

  private void write(String name, long offset, byte value) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      BlockNode image = open("driver=qcow2,file.filename=" + path(name));
      image.write(offset, arena.allocate(CLUSTER_BYTES).fill(value));
      graph.close(image);
    }
  }

  /** How deep the layers lie that hold the two clusters, after both were read. */
  private int[] depthsAfterReading(String bottom) throws IOException {
    BlockNode top = open(TOP + path("top"));
    BlockNode filter = open("driver=copy-on-read,file=t" + bottom);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment all = arena.allocate(2 * CLUSTER_BYTES);
      filter.read(0, all);
      assertThat(all.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 0x11);
    }
    return new int[] {top.extent(0, 512).depth(), top.extent(CLUSTER_BYTES, 512).depth()};
  }

  @Test
  void everythingIsCopiedWithoutIt() throws IOException {
    assertThat(depthsAfterReading("")).containsExactly(0, 0);
  }

  @Test
  void whatLiesBelowTheBottomIsNotCopied() throws IOException {
    assertThat(depthsAfterReading(",bottom=m")).containsExactly(2, 0);
  }

  @Test
  void nothingIsCopiedWhereTheBottomIsTheTop() throws IOException {
    assertThat(depthsAfterReading(",bottom=t")).containsExactly(2, 1);
  }

  @Test
  void bottomIsAnImageOfTheChain() throws IOException {
    open(TOP + path("top"));
    assertThatThrownBy(() -> open("driver=copy-on-read,file=t,bottom=x"))
        .hasMessage("Bottom node 'x' not found");
    assertThatThrownBy(() -> open("driver=copy-on-read,node-name=c,file=t,bottom=c"))
        .hasMessage("Bottom node 'c' is a filter");
  }
}
