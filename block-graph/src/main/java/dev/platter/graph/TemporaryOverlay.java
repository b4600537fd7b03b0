package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A qcow2 overlay that is thrown away: what {@code snapshot=on} asks for. Lies in the folder that
 * the system property {@code java.io.tmpdir} names.
 *
 * <p>Where the host can, its file loses its name as soon as it is open: then its space is free when
 * this process ends, however it ends. Elsewhere closing deletes it.
 */
public final class TemporaryOverlay implements AutoCloseable {
  private static final String DRIVER = "qcow2";

  private final BlockGraph graph;
  private final BlockNode node;
  private final Path folder;

  private TemporaryOverlay(BlockGraph graph, BlockNode node, Path folder) {
    this.graph = graph;
    this.node = node;
    this.folder = folder;
  }

  /**
   * Puts a temporary overlay on a node, which becomes read-only if it is an image.
   *
   * @param base a node of {@code graph}; it stays the caller's to close, after the overlay
   * @throws IOException if the overlay cannot be made; nothing is left behind then
   */
  public static TemporaryOverlay over(BlockGraph graph, BlockNode base) throws IOException {
    return over(graph, base, false);
  }

  /** The same, but with {@code readOnly} nothing can be written to the overlay either. */
  public static TemporaryOverlay over(BlockGraph graph, BlockNode base, boolean readOnly)
      throws IOException {
    Path folder = Files.createTempDirectory("platter-overlay-");
    try {
      String fileName = folder.resolve("overlay.qcow2").toString();
      graph.create(
          new CreateRequest(
              DRIVER, fileName, OptionalLong.of(base.size()), Optional.empty(), Map.of(), false));
      NodeSpec spec =
          NodeSpec.of(DRIVER)
              .with("discard", "unmap")
              .with("read-only", OptionValue.of(readOnly))
              .withChild(ChildUse.FILE, NodeSpec.file(fileName))
              .withChild(ChildUse.BACKING, new ChildSpec.Reference(base.name()));
      TemporaryOverlay overlay = new TemporaryOverlay(graph, graph.open(spec), folder);
      overlay.deleteEarly();
      return overlay;
    } catch (IOException e) {
      try {
        delete(folder);
      } catch (IOException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
  }

  /** The overlay's node: what the guest writes to. */
  public BlockNode node() {
    return node;
  }

  /** Closes the overlay and deletes its file. Closing twice does nothing. */
  @Override
  public void close() throws IOException {
    try {
      graph.close(node);
    } finally {
      delete(folder);
    }
  }

  private void deleteEarly() {
    try {
      delete(folder);
    } catch (IOException e) {
      return; // this host keeps the names of open files: close will delete it
    }
  }

  private static void delete(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve("overlay.qcow2"));
    Files.deleteIfExists(folder);
  }
}
