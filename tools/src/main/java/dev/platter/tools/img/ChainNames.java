package dev.platter.tools.img;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.graph.FormatNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds images of a chain by what a user calls them. */
final class ChainNames {
  private ChainNames() {}

  /**
   * The first backing file of a chain that a name means: as the overlay's header has it, as a path
   * from the overlay's folder, or as the name under which it was opened.
   *
   * @param chain the images, from the top down
   */
  static Optional<FormatNode> find(List<BlockNode> chain, String name) {
    for (int depth = 1; depth < chain.size(); depth++) {
      if (chain.get(depth) instanceof FormatNode image
          && chain.get(depth - 1) instanceof FormatNode overlay
          && means(overlay, image, name)) {
        return Optional.of(image);
      }
    }
    return Optional.empty();
  }

  private static boolean means(FormatNode overlay, FormatNode image, String name) {
    Optional<String> header = overlay.driver().backing().map(BackingReference::fileName);
    return header.equals(Optional.of(name))
        || image.imageName().equals(name)
        || sameFile(BackingPath.of(overlay.imageName(), name), image.imageName());
  }

  private static boolean sameFile(String one, String other) {
    try {
      return Files.isSameFile(Path.of(one), Path.of(other));
    } catch (IOException | InvalidPathException e) {
      return false; // one of them is no file
    }
  }
}
