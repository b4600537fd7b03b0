package dev.platter.tools.image;

import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.FilterDriverProvider;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValue;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.GenericOptions;
import dev.platter.api.spec.NodeSpec;
import dev.platter.conf.ImageOptsParser;
import dev.platter.conf.OptionWarning;
import java.io.IOException;
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
  private static final String BACKING = "backing";
  private static final String FILE = "file";
  private static final String FILE_NAME = "filename";
  private static final Optional<String> DEBUGGED = Optional.of(FileNameSpecs.BLKDEBUG);

  /** The first word of an option string if it is no key. */
  private static final Pattern OPTION_NAME = Pattern.compile("^(?:[^=,]*(?=,)|[^=,]+$)");

  private static final Pattern OPTION = Pattern.compile("\\G([^=,]+)=((?:[^,]|,,)*)(?:,|$)");

  private final DriverLookup drivers;
  private final ImageOptsParser parser;
  private final FileNameSpecs fileNames;
  private final boolean impliesFile;

  /**
   * @param impliesFile whether the first word of an option string stands for {@code file=} it
   */
  ImageSpecs(DriverLookup drivers, Consumer<OptionWarning> warnings, boolean impliesFile) {
    this.drivers = drivers;
    this.parser = new ImageOptsParser(drivers, warnings);
    this.fileNames = new FileNameSpecs(parser);
    this.impliesFile = impliesFile;
  }

  /** The node to open. */
  NodeSpec of(ImageArgument image, OpenMode mode) throws IOException {
    return opened(described(image), mode);
  }

  /** The same without the filters that it begins with. */
  NodeSpec belowFilters(ImageArgument image, OpenMode mode) throws IOException {
    NodeSpec spec = described(image);
    Optional<NodeSpec> below = belowFilter(spec);
    while (below.isPresent()) {
      spec = below.get();
      below = belowFilter(spec);
    }
    return opened(spec, mode);
  }

  private Optional<NodeSpec> belowFilter(NodeSpec spec) {
    ChildSpec child =
        spec.child(FILE).or(() -> spec.child(FileNameSpecs.IMAGE)).orElseGet(ChildSpec.None::new);
    return is(spec, FilterDriverProvider.class) && child instanceof ChildSpec.Inline(NodeSpec below)
        ? Optional.of(below)
        : Optional.empty();
  }

  /** The node with what the command says of it, where its description says nothing. */
  private NodeSpec opened(NodeSpec described, OpenMode mode) throws IOException {
    NodeSpec spec = described;
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
    checkZeroes(spec);
    return mode.backing() || isProtocol(spec)
        ? spec
        : spec.withChild(BACKING, new ChildSpec.None());
  }

  private NodeSpec described(ImageArgument image) throws IOException {
    if (image.imageOpts()) {
      return parser.parse(
          impliesFile ? OPTION_NAME.matcher(image.text()).replaceFirst("file=$0") : image.text());
    }
    return image.more().isEmpty()
        ? named(image)
        : named(image, parser.parseMore(image.more().get()));
  }

  /** Zeros that are to free space can do so only where space may be freed. */
  private static void checkZeroes(NodeSpec spec) throws OptionException {
    String discard = spec.text(GenericOptions.DISCARD.name()).orElse("ignore");
    boolean unmaps = discard.equals("unmap") || discard.equals("on");
    String key = GenericOptions.DETECT_ZEROES.name();
    if (spec.text(key).equals(Optional.of("unmap")) && !unmaps) {
      throw new OptionException(
          OptionProblem.of(
              key,
              "setting detect-zeroes to unmap is not allowed without setting discard operation to"
                  + " unmap"));
    }
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
      OptionValue given = spec.options().get(GenericOptions.READ_ONLY.name());
      return given == null ? file : withDefault(file, GenericOptions.READ_ONLY.name(), given);
    }
    NodeSpec readOnly = file.with(GenericOptions.READ_ONLY.name(), "on");
    return mode.forceShare() ? readOnly.with(GenericOptions.FORCE_SHARE.name(), "on") : readOnly;
  }

  /** The node that a file name denotes: a file, or whatever {@code json:} describes. */
  NodeSpec fileName(String name) throws IOException {
    return fileNames.of(name);
  }

  /** The driver whose files a name denotes where something is to be made: no description does. */
  String protocolOf(String name) throws IOException {
    if (FileNameSpecs.isJson(name)) {
      throw new OptionException(OptionProblem.of(FILE_NAME, "Unknown protocol 'json'"));
    }
    return fileName(name).driver().orElse(FILE);
  }

  /** A file name with what is given beside it, which goes before what the name says. */
  private NodeSpec named(ImageArgument image, NodeSpec more) throws IOException {
    NodeSpec file = fileName(image.text());
    if (more.child(FILE).orElseGet(ChildSpec.None::new) instanceof ChildSpec.Inline(NodeSpec given)
        && given.text(FILE_NAME).isPresent()) {
      throw new OptionException(
          OptionProblem.of(FILE, "Can't specify 'file' and 'filename' options at the same time"));
    }
    return FileNameSpecs.isJson(image.text())
        ? file.merge(more)
        : more.driver().isPresent() ? over(file, more) : inRole(FILE, file, more);
  }

  /** A node that is given, in the file of this name or above it, as its driver has it. */
  private NodeSpec over(NodeSpec file, NodeSpec given) {
    if (given.driver().equals(DEBUGGED)) {
      NodeSpec filter =
          file.driver().equals(DEBUGGED)
              ? file
              : NodeSpec.probed().withChild(FileNameSpecs.IMAGE, file);
      return filter.child(FileNameSpecs.IMAGE).orElseThrow()
              instanceof ChildSpec.Inline(NodeSpec in)
          ? filter.merge(inRole(FileNameSpecs.IMAGE, in, given))
          : filter.merge(given);
    }
    boolean isFile =
        given.driver().isEmpty() || isProtocol(given) || given.driver().equals(file.driver());
    return isFile ? file.merge(given) : inRole(FILE, file, given);
  }

  /** A node that is given, with the file below it in this role. */
  private NodeSpec inRole(String role, NodeSpec file, NodeSpec given) {
    boolean described =
        given.child(role).orElseGet(ChildSpec.None::new) instanceof ChildSpec.Inline;
    return given.withChild(
        role,
        described ? over(file, ((ChildSpec.Inline) given.child(role).orElseThrow()).node()) : file);
  }

  private NodeSpec named(ImageArgument image) throws IOException {
    NodeSpec file = fileName(image.text());
    boolean whole =
        FileNameSpecs.isJson(image.text())
            && (file.driver().isEmpty() || image.format().isEmpty() || !isProtocol(file));
    NodeSpec spec =
        whole
            ? file
            : image.format().map(NodeSpec::of).orElseGet(NodeSpec::probed).withChild(FILE, file);
    if (whole && image.format().isPresent() && spec.driver().isEmpty()) {
      return new NodeSpec(image.format(), spec.nodeName(), spec.options(), spec.children());
    }
    return isProtocol(spec) || spec.driver().equals(file.driver()) ? file : spec;
  }

  private boolean isProtocol(NodeSpec spec) {
    return is(spec, ProtocolDriverProvider.class);
  }

  private boolean is(NodeSpec spec, Class<? extends BlockDriverProvider> kind) {
    return spec.driver().flatMap(drivers::find).map(kind::isInstance).orElse(false);
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
}
