package dev.platter.tools.demo;

import dev.platter.graph.BlockGraph;
import dev.platter.graph.CreateRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * hd0 ← hd1 ← hd2 in a temporary folder: a base of which every cluster is allocated, sparse on the
 * host, and two empty overlays. Closing deletes the folder.
 */
final class DemoChain implements AutoCloseable {
  static final long DISK_BYTES = 20L << 30;
  static final List<String> IMAGE_NAMES = List.of("hd0.qcow2", "hd1.qcow2", "hd2.qcow2");

  private final Path folder;

  private DemoChain(Path folder) {
    this.folder = folder;
  }

  /** Creates the images. */
  static DemoChain create(BlockGraph graph) throws IOException {
    DemoChain chain = new DemoChain(Files.createTempDirectory("platter-demo"));
    try {
      String base = chain.path(0);
      graph.create(CreateRequest.of("qcow2", base, DISK_BYTES).with("preallocation", "metadata"));
      graph.create(CreateRequest.overlay("qcow2", chain.path(1), base, "qcow2"));
      graph.create(CreateRequest.overlay("qcow2", chain.path(2), chain.path(1), "qcow2"));
      return chain;
    } catch (IOException e) {
      try {
        chain.close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** The path of an image: 0 is the base. */
  String path(int index) {
    return folder.resolve(IMAGE_NAMES.get(index)).toString();
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
