package dev.platter.raw;

import static org.assertj.core.api.Assertions.assertThat;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Raw disks as users open them: through the graph, on host files of any size. */
class RawDiskOnHostFileTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"native=on", "native=off"})
  void endOfTheLastSectorIsZerosUntilItIsWritten(String means) throws IOException {
    Path path = folder.resolve("disk.img");
    byte[] content = new byte[1000];
    Arrays.fill(content, (byte) 1);
    Files.write(path, content);
    int equals = means.indexOf('=');
    NodeSpec file =
        NodeSpec.file(path.toString())
            .with(means.substring(0, equals), means.substring(equals + 1));
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build()) {
      BlockNode disk = graph.open(NodeSpec.of("raw").withChild("file", file));
      byte[] expected = Arrays.copyOf(content, 1024);
      assertThat(bytes(disk)).isEqualTo(expected);
      disk.writeZeroes(900, 124, ZeroMode.MAY_UNMAP);
      Arrays.fill(expected, 900, 1024, (byte) 0);
      assertThat(bytes(disk)).isEqualTo(expected);
      assertThat(Files.size(path)).as("size before the end is written").isEqualTo(1000);
      disk.write(1001, new byte[] {7, 8, 9});
      expected[1001] = 7;
      expected[1002] = 8;
      expected[1003] = 9;
      assertThat(bytes(disk)).isEqualTo(expected);
      assertThat(Files.readAllBytes(path)).isEqualTo(Arrays.copyOf(expected, 1004));
    }
  }

  @Test
  void partOfAFileIsADiskAndTheRestIsLeftAlone() throws IOException {
    Path path = folder.resolve("disk.img");
    byte[] content = new byte[4096];
    Arrays.fill(content, (byte) 1);
    Files.write(path, content);
    NodeSpec part =
        NodeSpec.of("raw")
            .with("offset", "1K")
            .with("size", "512")
            .withChild("file", NodeSpec.file(path.toString()));
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build()) {
      BlockNode disk = graph.open(part);
      assertThat(disk.size()).isEqualTo(512);
      disk.writeZeroes(0, 512, ZeroMode.MAY_UNMAP);
      disk.write(511, new byte[] {9});
    }
    Arrays.fill(content, 1024, 1535, (byte) 0);
    content[1535] = 9;
    assertThat(Files.readAllBytes(path)).isEqualTo(content);
  }

  @Test
  void createdDiskHasWholeSectors() throws IOException {
    Path path = folder.resolve("disk.img");
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build()) {
      graph.create(CreateRequest.of("raw", path.toString(), 1000));
    }
    assertThat(Files.size(path)).isEqualTo(1024);
  }

  private static byte[] bytes(BlockNode disk) throws IOException {
    byte[] bytes = new byte[(int) disk.size()];
    disk.read(0, bytes);
    return bytes;
  }
}
