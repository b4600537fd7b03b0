package dev.platter.benchmarks;

import dev.platter.api.BlockNode;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;
import java.lang.foreign.Arena;

/** Says how many bytes of heap are in use while a chain is open of which a little has been read. */
final class ChainFootprint {
  private static final int READ_BYTES = 4096;
  private static final int COLLECTIONS = 3;

  private ChainFootprint() {}

  /**
   * Opens the chain, reads its first bytes, and prints what is in use.
   *
   * @param args the topmost image
   */
  public static void main(String[] args) throws IOException {
    NodeSpec spec = NodeSpec.of("qcow2").withChild("file", NodeSpec.file(args[0]));
    try (Arena arena = Arena.ofConfined();
        BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build();
        BlockNode top = graph.open(spec.with("read-only", "on"))) {
      top.read(0, arena.allocate(READ_BYTES));
      for (int i = 0; i < COLLECTIONS; i++) {
        System.gc();
      }
      Runtime runtime = Runtime.getRuntime();
      System.out.println(runtime.totalMemory() - runtime.freeMemory());
    }
  }
}
