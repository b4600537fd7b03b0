package dev.platter.tools.image;

import dev.platter.api.spec.NodeSpec;
import dev.platter.conf.ImageOptsParser;
import java.io.IOException;
import java.util.Optional;

/** Turns file names, as command lines and images have them, into the nodes that they denote. */
final class FileNameSpecs {
  static final String BLKDEBUG = "blkdebug";
  static final String IMAGE = "image";

  private static final String FILE = "file";

  private final ImageOptsParser parser;

  FileNameSpecs(ImageOptsParser parser) {
    this.parser = parser;
  }

  static boolean isJson(String name) {
    return name.startsWith("json:");
  }

  /** The node of a name: a file, or whatever {@code json:} and other protocols describe. */
  NodeSpec of(String name) throws IOException {
    Optional<String> protocol = protocol(name);
    if (protocol.isEmpty()) {
      return NodeSpec.file(name);
    }
    if (!protocol.get().equals(FILE)) {
      return parser.parseFileName(name);
    }
    String rest = name.substring(FILE.length() + 1);
    return NodeSpec.file(protocol(rest).isEmpty() ? rest : "./" + rest);
  }

  /** What stands before a colon that comes before any slash. */
  private static Optional<String> protocol(String name) {
    int colonIndex = name.indexOf(':');
    int slashIndex = name.indexOf('/');
    return colonIndex < 0 || (slashIndex >= 0 && slashIndex < colonIndex)
        ? Optional.empty()
        : Optional.of(name.substring(0, colonIndex));
  }
}
