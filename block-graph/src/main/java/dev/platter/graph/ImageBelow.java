package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.FilterNode;
import java.util.Optional;

/** Finds what filters and fronts stand before. */
public final class ImageBelow {
  private ImageBelow() {}

  /** The image that a node is, or that lies below the filters and fronts that it begins with. */
  public static Optional<FormatNode> format(BlockNode node) {
    return of(node) instanceof FormatNode format ? Optional.of(format) : Optional.empty();
  }

  /** The node itself, or what lies below the filters and fronts that it begins with. */
  static BlockNode of(BlockNode node) {
    BlockNode image = node;
    while (true) {
      switch (image) {
        case BlockBackend backend -> image = backend.root();
        case FilterNode filter -> image = filter.below();
        default -> {
          return image;
        }
      }
    }
  }
}
