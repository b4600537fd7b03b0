package dev.platter.qcow2;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.driver.CheckableFormat.Repair;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.DriverRegistry;
import java.io.IOException;

/** Checks an image file in a process of its own, and prints what came of it. */
final class CheckOneImage {
  private CheckOneImage() {}

  /** Checks the image that the first argument names. */
  public static void main(String[] args) throws IOException {
    NodeSpec file =
        NodeSpec.of("file")
            .with("filename", args[0])
            .with(GenericOptions.READ_ONLY.name(), OptionValue.of(true));
    try (BlockGraph graph = BlockGraph.builder(DriverRegistry.discover()).build();
        BlockNode node = graph.open(file)) {
      CheckReport report = Qcow2Checker.check(args[0], node, Repair.NONE, System.out::println);
      long bytes = HeaderCodec.decode(args[0], new ImageFile(node)).diskBytes();
      System.out.printf(
          "clean=%s bytes=%d clusters=%d%n", report.clean(), bytes, report.allocatedClusters());
    }
  }
}
