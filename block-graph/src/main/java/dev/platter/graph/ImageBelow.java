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

  /** The node below a filter, without the front through which the filter reaches it. */
  public static BlockNode below(FilterNode filter) {
    return filter.below() instanceof BlockBackend front ? front.root() : filter.below();
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
