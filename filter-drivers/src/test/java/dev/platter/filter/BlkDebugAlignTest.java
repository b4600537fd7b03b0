package dev.platter.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.platter.api.BlockNode;
import dev.platter.api.ZeroMode;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlkDebugAlignTest {
  private static final int UNIT = 4096;
  private static final int DISK = 10 * UNIT + 1000; // the last unit is cut off

  @TempDir private Path folder;
  private Path disk;

  @BeforeEach
  void createDisk() throws IOException {
    disk = Files.write(folder.resolve("disk.raw"), new byte[DISK]);
  }

  @ParameterizedTest
  @CsvSource({
    "pwritev_rmw_head, read, 512, 512, read of 4096 bytes at 0x0",
    "pwritev_rmw_tail, read, 0, 512, read of 4096 bytes at 0x0",
    "pwritev_rmw_head, read, 512, 4096, read of 8192 bytes at 0x0",
    "pwritev_rmw_tail, read, 512, 4096, read of 8192 bytes at 0x0",
    "pwritev_rmw_head, read, 512, 8192, read of 4096 bytes at 0x0",
    "pwritev_rmw_tail, read, 512, 8192, read of 4096 bytes at 0x2000",
    "pwritev_rmw_after_head, write, 512, 3584, write of 4096 bytes at 0x0",
    "pwritev_rmw_after_tail, write, 4096, 512, write of 4096 bytes at 0x1000",
    "pwritev_rmw_after_tail, write, 40960, 1, write of 1000 bytes at 0xa000",
    "none, write, 40960, 1000, write of 1000 bytes at 0xa000",
    "none, write, 40961, 4096, write of 4097 bytes at 0xa000",
  })
  void partsOfUnitsAreReadAndWrittenAsWholeOnes(
      String event, String type, long offset, int length, String failed) throws IOException {
    try (BlockGraph graph = graph()) {
      BlockNode node = open(graph, event, type);
      assertThatThrownBy(() -> node.write(offset, new byte[length]))
          .isInstanceOf(BlockIoException.class)
          .hasMessageContaining("injected into " + failed);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "pwritev_rmw_head, read, 0, 4096",
    "pwritev_rmw_tail, read, 512, 3584",
    "pwritev_rmw_head, read, 4096, 512",
    "pwritev_rmw_tail, read, 40960, 1000"
  })
  void whatCoversWholeUnitsIsNotReadFirst(String event, String type, long offset, int length)
      throws IOException {
    byte[] ones = new byte[length];
    Arrays.fill(ones, (byte) 1);
    try (BlockGraph graph = graph()) {
      open(graph, event, type).write(offset, ones);
    }
    assertThat(Files.readAllBytes(disk)).hasSize(DISK);
    assertThat(Arrays.copyOfRange(Files.readAllBytes(disk), (int) offset, (int) offset + length))
        .isEqualTo(ones);
  }

  @Test
  void readFailsWhereItsUnitsDo() throws IOException {
    try (BlockGraph graph = graph()) {
      BlockNode node = open(graph, "none", "read");
      assertThatThrownBy(() -> node.read(4608, new byte[512]))
          .hasMessageContaining("injected into read of 4096 bytes at 0x1000");
    }
  }

  @Test
  void anySequenceReadsBackAsAnArrayWould() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] model = new byte[DISK];
    try (BlockGraph graph = graph()) {
      BlockNode node = open(graph, "l2_load", "read");
      for (int step = 0; step < 400; step++) {
        int offset = random.nextInt(DISK);
        int length = random.nextInt(Math.min(DISK - offset, 3 * UNIT)) + 1;
        byte[] data = new byte[length];
        if (random.nextBoolean()) {
          random.nextBytes(data);
          node.write(offset, data);
        } else {
          node.writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
        }
        System.arraycopy(data, 0, model, offset, length);
      }
    }
    assertThat(Files.readAllBytes(disk)).as("seed %d", seed).isEqualTo(model);
  }

  @Test
  void neighboursInAUnitDoNotUndoEachOther() throws Exception {
    try (BlockGraph graph = graph();
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      BlockNode node = open(graph, "l2_load", "read");
      List<Future<?>> writers = new ArrayList<>();
      for (int sector = 0; sector < 8; sector++) {
        int offset = sector * 512;
        writers.add(
            threads.submit(
                (Callable<Void>)
                    () -> {
                      for (int value = 1; value <= 50; value++) {
                        byte[] data = new byte[512];
                        Arrays.fill(data, (byte) value);
                        node.write(offset, data);
                      }
                      return null;
                    }));
      }
      for (Future<?> writer : writers) {
        writer.get();
      }
    }
    byte[] last = new byte[UNIT];
    Arrays.fill(last, (byte) 50);
    assertThat(Arrays.copyOf(Files.readAllBytes(disk), UNIT)).isEqualTo(last);
  }

  private BlockNode open(BlockGraph graph, String event, String type) throws IOException {
    return graph.open(
        NodeSpec.of("blkdebug")
            .with("align", "4k")
            .with("inject-error.0.event", event)
            .with("inject-error.0.iotype", type)
            .withChild("image", NodeSpec.file(disk.toString())));
  }

  private static BlockGraph graph() {
    return BlockGraph.builder(DriverRegistry.discover()).build();
  }
}
