package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.FilterNode;

/** Finds what filters and fronts stand before. */
final class ImageBelow {
  private ImageBelow() {}

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
