package dev.platter.tools.image;

import dev.platter.api.driver.DriverLookup;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.spec.NodeSpec;
import dev.platter.conf.ImageOptsParser;
import java.io.IOException;
import java.util.Optional;

/** Turns file names, as command lines and images have them, into the nodes that they denote. */
final class FileNameSpecs {
  static final String BLKDEBUG = "blkdebug";
  static final String IMAGE = "image";

  private static final String BLKVERIFY = "blkverify";
  private static final String FILE = "file";
  private static final String FILE_NAME = "filename";
  private static final String NULL_PREFIX = "null-";

  private final DriverLookup drivers;
  private final ImageOptsParser parser;

  FileNameSpecs(DriverLookup drivers, ImageOptsParser parser) {
    this.drivers = drivers;
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
    String prefix = protocol.get();
    String rest = name.substring(prefix.length() + 1);
    if (prefix.startsWith(NULL_PREFIX) && drivers.find(prefix).isPresent()) {
      return nothing(prefix, rest);
    }
    return switch (prefix) {
      case "json" -> parser.parseJson(name);
      case BLKDEBUG -> debugged(rest);
      case BLKVERIFY -> verified(rest);
      case FILE -> NodeSpec.file(protocol(rest).isEmpty() ? rest : "./" + rest);
      default -> throw refusal("Unknown protocol '%s'".formatted(prefix));
    };
  }

  private static NodeSpec nothing(String driver, String rest) throws OptionException {
    if (!rest.equals("//")) {
      throw refusal("The only allowed filename for this driver is '%s://'".formatted(driver));
    }
    return NodeSpec.of(driver);
  }

  /** {@code CONFIG:FILE}, of which the first may be empty. */
  private NodeSpec debugged(String names) throws IOException {
    int configEnd = names.indexOf(':');
    if (configEnd < 0) {
      throw refusal("blkdebug requires both config file and image path");
    }
    NodeSpec spec = NodeSpec.of(BLKDEBUG).withChild(IMAGE, of(names.substring(configEnd + 1)));
    return configEnd == 0 ? spec : spec.with("config", names.substring(0, configEnd));
  }

  /** {@code RAW:IMAGE}, of which the second is in any format. */
  private NodeSpec verified(String names) throws IOException {
    int rawEnd = names.indexOf(':');
    if (rawEnd < 0) {
      throw refusal("blkverify requires raw copy and original image path");
    }
    String raw = names.substring(0, rawEnd);
    String image = names.substring(rawEnd + 1);
    if (raw.isEmpty() || image.isEmpty()) {
      throw refusal("The 'file' block driver requires a file name");
    }
    return NodeSpec.of(BLKVERIFY)
        .withChild("raw", of(raw))
        .withChild("test", NodeSpec.probed().withChild(FILE, of(image)));
  }

  private static OptionException refusal(String words) {
    return new OptionException(OptionProblem.of(FILE_NAME, words));
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
