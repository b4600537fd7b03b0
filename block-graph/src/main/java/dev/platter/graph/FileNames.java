package dev.platter.graph;

import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.util.Optional;

/** The syntax of file names. */
final class FileNames {
  /** The option that holds a file name. */
  static final String OPTION = "filename";

  private static final String FILE = "file";

  private FileNames() {}

  /** The protocol that a name begins with; none if it is a plain path. */
  static Optional<String> protocol(String name) {
    int colonIndex = name.indexOf(':');
    int slashIndex = name.indexOf('/');
    if (colonIndex <= 0 || (slashIndex >= 0 && slashIndex < colonIndex)) {
      return Optional.empty();
    }
    return Optional.of(name.substring(0, colonIndex));
  }

  static NodeSpec parse(String name) throws IOException {
    Optional<String> protocol = protocol(name);
    if (protocol.isEmpty()) {
      return NodeSpec.file(name);
    }
    if (protocol.get().equals(FILE)) {
      return NodeSpec.file(name.substring(FILE.length() + 1));
    }
    throw new UnsupportedFeatureException(
        "Unknown protocol '%s' in '%s'; write ./%s for a file of that name"
            .formatted(protocol.get(), name, name));
  }
}
