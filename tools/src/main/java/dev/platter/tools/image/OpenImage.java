package dev.platter.tools.image;

import dev.platter.api.BlockNode;
import dev.platter.api.HostBacked;
import dev.platter.api.spec.NodeSpec;
import dev.platter.graph.FormatNode;
import dev.platter.graph.ImageBelow;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An image that a command works on.
 *
 * @param name how messages call it: what the command line says
 * @param node what is read and written
 * @param spec what was opened
 */
public record OpenImage(String name, BlockNode node, NodeSpec spec) {
  private static final String FILE = "file";

  /** An image, or a host file. */
  public OpenImage(String name, BlockNode node) {
    this(name, node, NodeSpec.of(FILE));
  }

  /** The node as an image; empty if it is a protocol node, opened without a format. */
  public Optional<FormatNode> format() {
    return node instanceof FormatNode format ? Optional.of(format) : Optional.empty();
  }

  /** The same, or the image below the filters that it is opened through. */
  public Optional<FormatNode> formatBelow() {
    return ImageBelow.format(node);
  }

  /** The name of the driver that reads it: {@code qcow2}; for a protocol node, {@code file}. */
  public String driverName() {
    return format().map(FormatNode::driverName).orElseGet(() -> spec.driver().orElse(FILE));
  }

  /** The name of the file that holds it. */
  public String fileName() {
    return format().map(FormatNode::imageName).orElse(name);
  }

  /** The node that holds its bytes. */
  public BlockNode file() {
    return format().map(FormatNode::file).orElse(node);
  }

  /** Bytes of storage that its file occupies on the host, if it lies in one. */
  public OptionalLong allocatedBytes() throws IOException {
    return file() instanceof HostBacked host
        ? OptionalLong.of(host.allocatedBytes())
        : OptionalLong.empty();
  }
}
