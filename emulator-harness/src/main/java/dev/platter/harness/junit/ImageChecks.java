package dev.platter.harness.junit;

import dev.platter.api.BlockNode;
import dev.platter.api.driver.CheckableFormat;
import dev.platter.api.driver.CheckableFormat.CheckReport;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.FormatNode;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The checks that an image must pass after a test: the format's own, and QEMU's. */
final class ImageChecks {
  /** What may be wrong with an image. */
  enum Allowed {
    NOTHING,
    /** Clusters that are counted and not used, as a power cut leaves them. */
    LEAKS
  }

  private ImageChecks() {}

  /**
   * Checks an image that nobody has open.
   *
   * @throws AssertionError with the findings, if more is wrong than is allowed
   */
  static void check(BlockGraph graph, Path image, String format, Allowed allowed)
      throws IOException {
    NodeSpec spec =
        NodeSpec.of(format)
            .with("read-only", "on")
            .withChild("file", NodeSpec.file(image.toString()));
    BlockNode node = graph.open(spec);
    try {
      if (node instanceof FormatNode opened
          && opened.driver() instanceof CheckableFormat checkable) {
        List<String> findings = new ArrayList<>();
        CheckReport report = checkable.check(CheckableFormat.Repair.NONE, findings::add);
        boolean leaks = report.corruptions() + report.checkErrors() == 0;
        if (!report.clean() && !(leaks && allowed == Allowed.LEAKS)) {
          throw new AssertionError("%s is not clean: %s".formatted(image, findings));
        }
      }
    } finally {
      graph.close(node);
    }
    if (format.equals("qcow2") && allowed == Allowed.NOTHING) {
      checkWithQemu(image);
    }
  }

  private static void checkWithQemu(Path image) throws IOException {
    Optional<Path> program = qemuImg();
    if (program.isEmpty()) {
      return;
    }
    Process process =
        new ProcessBuilder(program.get().toString(), "check", image.toString())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new AssertionError("qemu-img check %s: %s".formatted(image, output));
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
    }
  }

  private static Optional<Path> qemuImg() {
    String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
    for (String folder : path.split(File.pathSeparator, -1)) {
      Path program = Path.of(folder, "qemu-img");
      if (Files.isExecutable(program)) {
        return Optional.of(program);
      }
    }
    return Optional.empty();
  }
}
