package dev.platter.graph;

import dev.platter.api.BlockNode;
import dev.platter.api.HostBacked;
import dev.platter.api.error.ImageFormatException;
import dev.platter.api.error.ImageRefusedException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;

/** Names of other files inside images: what they are relative to. */
public final class BackingNames {
  private BackingNames() {}

  /**
   * Resolves a name that an image gives.
   *
   * @param file the node that holds the image's bytes
   * @param imageName the image's name, for messages
   * @param name the name as it stands in the header; untrusted
   * @return the name; a plain path that is relative is taken from the folder of the image's file,
   *     and is relative still if the path of that file is
   * @throws ImageRefusedException if the name is empty, or contains a NUL
   * @throws ImageFormatException if the name is relative and the image is not a host file
   */
  public static String resolve(BlockNode file, String imageName, String name) throws IOException {
    if (name.isEmpty() || name.indexOf('\0') >= 0) {
      throw new ImageRefusedException(
          "%s: image names a file that cannot be: '%s'"
              .formatted(imageName, name.replace("\0", "\\0")));
    }
    if (FileNames.protocol(name).isPresent()) {
      return name;
    }
    try {
      if (Path.of(name).isAbsolute()) {
        return name;
      }
      Optional<Path> path = pathOf(file);
      if (path.isEmpty()) {
        throw new ImageFormatException(
            imageName, "Cannot use relative backing file names for '%s'".formatted(name));
      }
      return sibling(path.get(), name);
    } catch (InvalidPathException e) {
      throw new ImageRefusedException(
          "%s: image names a file that cannot be: %s".formatted(imageName, e.getMessage()));
    }
  }

  /** The path of the host file that a node is, or passes requests on to. */
  static Optional<Path> pathOf(BlockNode file) {
    return ImageBelow.of(file) instanceof HostBacked host
        ? Optional.of(host.path())
        : Optional.empty();
  }

  /**
   * Resolves a name against the folder of a file that need not exist yet.
   *
   * @throws ImageRefusedException if one of the names cannot be a file's
   */
  static String resolve(String image, String name) throws IOException {
    try {
      return FileNames.protocol(name).isPresent() ? name : sibling(Path.of(image), name);
    } catch (InvalidPathException e) {
      throw new ImageRefusedException(
          "%s: a name that no file can have: %s".formatted(image, e.getMessage()));
    }
  }

  /**
   * A file in the folder of another, named so that the folder's name is not taken for a protocol.
   */
  private static String sibling(Path path, String name) {
    String sibling = path.resolveSibling(name).toString();
    return FileNames.protocol(sibling).isPresent()
        ? path.toAbsolutePath().resolveSibling(name).toString()
        : sibling;
  }
}
