package dev.platter.tools.image;

import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.NodeSpec;
import dev.platter.conf.DriveParser;
import dev.platter.conf.OptionWarning;
import dev.platter.conf.ParsedDrive;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Turns what a command line says about an image into the node to open.
 *
 * <p>Plain names, which are nearly all, need none of the option grammar and do not load it.
 */
final class ImageSpecs {
  /** Begins a name that stands for a file behind the filter {@code blkdebug}. */
  static final String DEBUG_PREFIX = "blkdebug:";

  private static final String BACKING = "backing";
  private static final String COPY_ON_READ = "copy-on-read";
  private static final String FILE = "file";
  private static final String FILE_NAME = "filename";
  private static final Pattern OPTION = Pattern.compile("\\G([^=,]+)=((?:[^,]|,,)*)(?:,|$)");

  private final DriverLookup drivers;
  private final Consumer<OptionWarning> warnings;

  ImageSpecs(DriverLookup drivers, Consumer<OptionWarning> warnings) {
    this.drivers = drivers;
    this.warnings = warnings;
  }

  /** The node to open. */
  NodeSpec of(ImageArgument image, OpenMode mode) throws IOException {
    NodeSpec spec = image.imageOpts() ? parse(optionString(image, mode)) : named(image);
    for (Map.Entry<String, OptionValue> option : mode.options().entrySet()) {
      spec =
          option.getKey().equals(OpenMode.AIO)
              ? withAio(spec, option.getValue())
              : withDefault(spec, option.getKey(), option.getValue());
    }
    if (!mode.writable()) {
      spec = withDefault(spec, GenericOptions.READ_ONLY.name(), OptionValue.of("on"));
    }
    if (mode.forceShare()) {
      spec = spec.with(GenericOptions.FORCE_SHARE.name(), "on");
      if (mode.writable()) {
        throw new OptionException(
            OptionProblem.of(
                GenericOptions.FORCE_SHARE.name(),
                "force-share=on can only be used with read-only images"));
      }
    }
    return mode.backing() || isProtocol(spec)
        ? spec
        : spec.withChild(BACKING, new ChildSpec.None());
  }

  /**
   * The first key that says what the backing file is; empty if there is none, or if it says none.
   */
  static Optional<String> backingKey(ImageArgument image) {
    if (!image.imageOpts()) {
      return Optional.empty();
    }
    return OPTION
        .matcher(image.text())
        .results()
        .filter(
            option ->
                option.group(1).startsWith(BACKING + ".")
                    || (option.group(1).equals(BACKING) && !option.group(2).isEmpty()))
        .map(option -> option.group(1))
        .findFirst();
  }

  /** The node that holds the image's bytes. */
  NodeSpec fileOf(ImageArgument image, OpenMode mode) throws IOException {
    NodeSpec spec = of(image, mode);
    NodeSpec file =
        spec.child(FILE).orElseGet(ChildSpec.None::new) instanceof ChildSpec.Inline(NodeSpec child)
            ? child
            : NodeSpec.file(spec.text(FILE_NAME).orElse(image.text()));
    if (mode.writable()) {
      return file;
    }
    NodeSpec readOnly = file.with(GenericOptions.READ_ONLY.name(), "on");
    return mode.forceShare() ? readOnly.with(GenericOptions.FORCE_SHARE.name(), "on") : readOnly;
  }

  /** The node that a file name denotes: a file, or whatever {@code json:} describes. */
  NodeSpec fileName(String name) throws IOException {
    Optional<String> protocol = protocol(name);
    if (protocol.isEmpty()) {
      return NodeSpec.file(name);
    }
    String prefix = protocol.get();
    if (isJson(name)) {
      return parse("file=" + name.replace(",", ",,"));
    }
    if (name.startsWith(DEBUG_PREFIX)) {
      return debugged(name.substring(DEBUG_PREFIX.length()));
    }
    if (prefix.startsWith("null-") && drivers.find(prefix).isPresent()) {
      return NodeSpec.of(prefix);
    }
    if (!prefix.equals(FILE)) {
      throw new OptionException(
          OptionProblem.of(FILE_NAME, "Unknown protocol '%s'".formatted(prefix)));
    }
    String path = name.substring(prefix.length() + 1);
    return NodeSpec.file(protocol(path).isEmpty() ? path : "./" + path);
  }

  /** {@code CONFIG:FILE}, of which the first may be empty. */
  private NodeSpec debugged(String names) throws IOException {
    int configEnd = names.indexOf(':');
    if (configEnd < 0) {
      throw new OptionException(
          OptionProblem.of(FILE_NAME, "blkdebug requires both a config file and an image"));
    }
    NodeSpec spec =
        NodeSpec.of("blkdebug").withChild("image", fileName(names.substring(configEnd + 1)));
    return configEnd == 0 ? spec : spec.with("config", names.substring(0, configEnd));
  }

  private NodeSpec named(ImageArgument image) throws IOException {
    NodeSpec file = fileName(image.text());
    boolean whole =
        isJson(image.text())
            && (file.driver().isEmpty() || image.format().isEmpty() || !isProtocol(file));
    NodeSpec spec =
        whole
            ? file
            : image.format().map(NodeSpec::of).orElseGet(NodeSpec::probed).withChild(FILE, file);
    if (whole && image.format().isPresent() && spec.driver().isEmpty()) {
      return new NodeSpec(image.format(), spec.nodeName(), spec.options(), spec.children());
    }
    return isProtocol(spec) ? file : spec;
  }

  /** The option string, with what it must know to be judged: that an image is not written. */
  private static String optionString(ImageArgument image, OpenMode mode) {
    String readOnly = GenericOptions.READ_ONLY.name();
    return mode.writable() || image.text().contains(readOnly)
        ? image.text()
        : readOnly + "=on," + image.text();
  }

  /** The node of a drive string; what is added there for a guest's drive is taken off. */
  private NodeSpec parse(String drive) throws IOException {
    ParsedDrive parsed = new DriveParser(drivers).parse(drive);
    parsed.warnings().forEach(warnings);
    NodeSpec node = parsed.drive().node();
    if (parsed.drive().copyOnRead()) { // an option of a guest's drive, not of its images
      throw new OptionException(
          OptionProblem.of(
              COPY_ON_READ,
              "Block format '%s' does not support the option '%s'"
                  .formatted(node.driver().orElse("raw"), COPY_ON_READ)));
    }
    Map<String, OptionValue> options = new LinkedHashMap<>(node.options());
    options.remove(GenericOptions.AUTO_READ_ONLY.name());
    return new NodeSpec(node.driver(), node.nodeName(), options, node.children());
  }

  private boolean isProtocol(NodeSpec spec) {
    return spec.driver()
        .flatMap(drivers::find)
        .map(ProtocolDriverProvider.class::isInstance)
        .orElse(false);
  }

  /** Says how requests reach the host's file; an image that lies in none has no use for it. */
  private static NodeSpec withAio(NodeSpec spec, OptionValue mode) {
    if (spec.driver().equals(Optional.of(FILE))) {
      return withDefault(spec, OpenMode.AIO, mode);
    }
    return spec.child(FILE).orElseGet(ChildSpec.None::new)
            instanceof ChildSpec.Inline(NodeSpec file)
        ? spec.withChild(FILE, withAio(file, mode))
        : spec;
  }

  private static NodeSpec withDefault(NodeSpec spec, String key, OptionValue value) {
    return spec.options().containsKey(key) ? spec : spec.with(key, value);
  }

  private static boolean isJson(String name) {
    return name.startsWith("json:");
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
