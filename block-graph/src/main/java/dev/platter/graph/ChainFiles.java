package dev.platter.graph;

import dev.platter.api.BackingReference;
import dev.platter.api.HostBacked;
import dev.platter.api.error.ImageRefusedException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** The host files that the images of one chain consist of: none may come twice. */
final class ChainFiles {
  private final Set<Object> keys = new HashSet<>();

  /**
   * Notes the host file below a node, if there is one.
   *
   * @throws ImageRefusedException if the chain has it already
   */
  void add(NodeEntry file, String imageName) throws ImageRefusedException {
    Optional<HostBacked> host = hostFile(file);
    if (host.isPresent() && !keys.add(host.get().fileKey())) {
      throw new ImageRefusedException("backing chain loops at '%s'".formatted(imageName));
    }
  }

  /** How the header of an overlay names an image. */
  static BackingReference reference(NodeEntry entry, FormatNode image) {
    String name =
        hostFile(entry)
            .map(host -> host.path().toAbsolutePath().toString())
            .orElse(image.imageName());
    return new BackingReference(name, Optional.of(image.driverName()));
  }

  /** The host file that a node's bytes come from, through filters and formats. */
  static Optional<HostBacked> hostFile(NodeEntry entry) {
    NodeEntry at = entry;
    while (!(at.node() instanceof HostBacked)) {
      NodeEntry below = at.children().get(ChildUse.FILE);
      if (below == null) {
        return Optional.empty();
      }
      at = below;
    }
    return Optional.of((HostBacked) at.node());
  }
}
