package dev.platter.tools.image;

import dev.platter.api.BlockNode;
import dev.platter.api.HostBacked;
import dev.platter.api.Permission;
import dev.platter.api.Permissions;
import dev.platter.api.driver.BlockEvent;
import dev.platter.api.driver.DriverLookup;
import dev.platter.api.driver.OpenGate;
import dev.platter.api.error.ImageRefusedException;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.ReadOnlyNodeException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.spec.NodeSpec;
import dev.platter.conf.OptionWarning;
import dev.platter.graph.BlockGraph;
import dev.platter.graph.ChainCommit;
import dev.platter.graph.ChainRebase;
import dev.platter.graph.CreateRequest;
import dev.platter.graph.DriverRegistry;
import dev.platter.graph.FormatNode;
import dev.platter.graph.TemporaryOverlay;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The images that a command has open. Closing it closes them.
 *
 * <p>But for the gate, the depth of chains and the memory of all caches, it uses built-in defaults,
 * not the site's: what a command does follows from its command line.
 */
public final class Images implements AutoCloseable {
  private final PrintStream err;
  private final String program;
  private final List<String> guesses = new ArrayList<>();
  private final ImageRules rules;
  private final BlockGraph graph;
  private final ImageSpecs specs;
  private Optional<TemporaryOverlay> overlay = Optional.empty();

  /**
   * @param err where warnings go
   * @param program the name under which they are given
   * @param rules what holds for all of them
   * @param objects what options name: secrets and throttle groups
   */
  public Images(PrintStream err, String program, ImageRules rules, UserObjects objects) {
    DriverLookup drivers = DriverRegistry.discover();
    this.err = err;
    this.rules = rules;
    this.program = program;
    this.specs = new ImageSpecs(drivers, this::warn, !program.equals("qemu-io"));
    this.graph =
        BlockGraph.builder(drivers)
            .gate(rules.gate())
            .chainLimit(rules.limit())
            .cacheBudget(rules.budget())
            .events(this::report)
            .fileNames(specs::fileName)
            .secrets(objects)
            .throttleGroups(objects.throttleGroups())
            .build();
  }

  /** The drivers there are. */
  public DriverLookup drivers() {
    return graph.drivers();
  }

  /** Opens an image, or nothing. */
  public OpenImage open(ImageArgument image, OpenMode mode) throws IOException {
    return open(image, mode, Permissions.TOOL);
  }

  /** Opens an image, or nothing; {@code use} says what other programs may do with it meanwhile. */
  public OpenImage open(ImageArgument image, OpenMode mode, Permissions use) throws IOException {
    return open(image, specs.of(image, mode), mode, use);
  }

  /** Opens an image without the filters that an option string puts before it. */
  public OpenImage openBelowFilters(ImageArgument image, OpenMode mode) throws IOException {
    return open(image, specs.belowFilters(image, mode), mode, Permissions.TOOL);
  }

  private OpenImage open(ImageArgument image, NodeSpec spec, OpenMode mode, Permissions use)
      throws IOException {
    BlockNode node = graph.open(spec, use);
    OpenImage open = new OpenImage(nameOf(image, spec, node), node, spec);
    warnOfGuesses(spec.driver().isEmpty() ? Optional.of(shownName(image, open)) : Optional.empty());
    if (!mode.backing()) {
      refuseBacking(image, open);
    }
    refuseReadOnly(node, mode);
    return open;
  }

  private static void refuseReadOnly(BlockNode node, OpenMode mode) throws IOException {
    if (mode.writable() && node.readOnly()) {
      throw new ReadOnlyNodeException(node.name());
    }
  }

  /** To a command that opens no backing file, what describes one is an option nobody takes. */
  private static void refuseBacking(ImageArgument image, OpenImage open) throws OptionException {
    Optional<String> key = ImageSpecs.backingKey(image);
    if (key.isPresent()) {
      throw new OptionException(
          OptionProblem.of(
              key.get(),
              "Block format '%s' does not support the option '%s'"
                  .formatted(open.driverName(), key.get())));
    }
  }

  /** Opens the file that holds an image, without its format: to do what the format would do. */
  public BlockNode openFile(ImageArgument image, OpenMode mode) throws IOException {
    Permissions use = Permissions.LONE_TOOL.holding(Permission.RESIZE);
    BlockNode file = graph.open(specs.fileOf(image, mode), use);
    refuseReadOnly(file, mode);
    return file;
  }

  /** Opens an image with a temporary overlay on top, which takes all writes if there are any. */
  public OpenImage openWithOverlay(ImageArgument image, OpenMode mode) throws IOException {
    OpenImage base = open(image, mode.readOnly());
    overlay = Optional.of(TemporaryOverlay.over(graph, base.node(), !mode.writable()));
    return new OpenImage(base.name(), overlay.get().node());
  }

  /** Whether an open image, or one below it, lies in the file of this name. */
  public boolean isInUse(OpenImage image, String fileName) throws IOException {
    Path path = Path.of(specs.fileName(fileName).text("filename").orElse(fileName));
    if (!Files.exists(path)) {
      return false;
    }
    for (HostBacked host : hostFiles(image)) {
      if (Files.isSameFile(host.path(), path)) {
        return true;
      }
    }
    return false;
  }

  /** Whether an open image, or one below it, lies in the file that another one lies in. */
  public boolean isInUse(OpenImage image, OpenImage other) {
    return other.file() instanceof HostBacked file
        && hostFiles(image).stream().anyMatch(host -> host.fileKey().equals(file.fileKey()));
  }

  /** The images that an open image's bytes come from: itself, its backing file, and so on. */
  public List<OpenImage> layers(OpenImage image) {
    List<OpenImage> layers = new ArrayList<>();
    for (BlockNode layer : graph.chainOf(image.node())) {
      layers.add(new OpenImage(layers.isEmpty() ? image.name() : layer.name(), layer));
    }
    return layers;
  }

  private List<HostBacked> hostFiles(OpenImage image) {
    List<HostBacked> files = new ArrayList<>();
    for (BlockNode layer : graph.chainOf(image.node())) {
      if (new OpenImage(image.name(), layer).file() instanceof HostBacked host) {
        files.add(host);
      }
    }
    return files;
  }

  /**
   * Asks whether an image may have its backing file opened, which its header names.
   *
   * @param resolved the name as seen from here
   * @param layerCount how many layers the chain then has
   * @throws ImageRefusedException if not
   */
  public void checkBacking(String imageName, String name, String resolved, int layerCount)
      throws IOException {
    rules
        .gate()
        .check(
            new OpenGate.ImplicitOpen(
                imageName, "backing", name, resolved, Optional.of(Path.of(imageName))));
    if (layerCount > rules.limit().layerCount()) {
      throw new ImageRefusedException(
          "the backing chain has more than %d layers; a higher chain-depth allows it"
              .formatted(rules.limit().layerCount()));
    }
  }

  /** Refuses a file name whose protocol nobody knows, or creates nothing. */
  public void checkCreatable(String fileName) throws IOException {
    String driver = specs.protocolOf(fileName);
    if (DriverRegistry.require(drivers(), driver).createOptions().options().isEmpty()) {
      throw new UnsupportedFeatureException(
          "Protocol driver '%s' does not support image creation".formatted(driver));
    }
  }

  /** The images that an open image consists of, from the top down. */
  public List<BlockNode> chainOf(OpenImage image) {
    return graph.chainOf(image.node());
  }

  /** An open image and all nodes below it, from the top down. */
  public List<BlockNode> treeOf(OpenImage image) {
    return graph.treeOf(image.node());
  }

  /** Prepares a commit, which closes the image and opens it in two parts. */
  public ChainCommit commit(FormatNode top, FormatNode base) throws IOException {
    return ChainCommit.of(graph, top, base);
  }

  /** Prepares another backing file for an image. */
  public ChainRebase rebase(FormatNode overlay, Optional<BlockNode> backing) {
    return new ChainRebase(graph, overlay, backing);
  }

  /** Creates an image. */
  public void create(CreateRequest request) throws IOException {
    graph.create(request);
  }

  /** Closes one of the images, before the others. */
  public void close(OpenImage image) throws IOException {
    graph.close(image.node());
  }

  /** Closes all. */
  @Override
  public void close() throws IOException {
    try {
      if (overlay.isPresent()) {
        overlay.get().close();
      }
    } finally {
      graph.close();
    }
  }

  private static String nameOf(ImageArgument image, NodeSpec spec, BlockNode node) {
    boolean isPath = !image.imageOpts() && image.text().indexOf(':') < 0;
    return isPath ? image.text() : new DescribedName(spec, node).text();
  }

  /** Bytes of storage that an image occupies on the host, where that can be said. */
  public OptionalLong allocatedBytes(OpenImage image) throws IOException {
    OptionalLong inOneFile = image.allocatedBytes();
    if (inOneFile.isPresent()) {
      return inOneFile;
    }
    if (!new DescribedName(image.spec(), image.node()).knowsSpace()) {
      return OptionalLong.empty();
    }
    long bytes = 0;
    for (BlockNode node : graph.treeOf(image.node())) {
      bytes += node instanceof HostBacked host ? host.allocatedBytes() : 0;
    }
    return OptionalLong.of(bytes);
  }

  /** What a warning calls an image: as the user did, but without {@code file:}. */
  private static String shownName(ImageArgument image, OpenImage open) {
    String text = image.text();
    boolean isName = !image.imageOpts() && !FileNameSpecs.isJson(text);
    return isName ? text.replaceFirst("^file:", "") : open.fileName();
  }

  /** Prints a warning of a command. */
  public void warn(OptionWarning warning) {
    err.println(program + ": warning: " + warning.message());
    if (!warning.advice().isEmpty()) {
      err.println(warning.advice());
    }
  }

  /**
   * Says which images were taken for raw ones, in QEMU's three lines each.
   *
   * @param top what to call the image that was opened last
   */
  private void warnOfGuesses(Optional<String> top) {
    for (int i = 0; i < guesses.size(); i++) {
      boolean isLast = i == guesses.size() - 1;
      warnOfGuess(isLast ? top.orElse(guesses.get(i)) : guesses.get(i));
    }
    guesses.clear();
  }

  private void warnOfGuess(String fileName) {
    err.println(
        "WARNING: Image format was not specified for '%s' and probing guessed raw."
            .formatted(fileName));
    err.println(
        "         Automatically detecting the format is dangerous for raw images, write"
            + " operations on block 0 will be restricted.");
    err.println("         Specify the 'raw' format explicitly to remove the restrictions.");
  }

  private void report(BlockEvent event) {
    switch (event) {
      case BlockEvent.RawGuessed guessed -> guesses.add(guessed.imageName());
      case BlockEvent.RepairFinding finding -> err.println(finding.message());
      case BlockEvent.ImageCorrupted corrupted ->
          err.printf(
              corrupted.fatal()
                  ? "qcow2: Marking image as corrupt: %s; further corruption events will be"
                      + " suppressed%n"
                  : "qcow2: Image is corrupt: %s; further non-fatal corruption events will be"
                      + " suppressed%n",
              corrupted.message());
      case BlockEvent.Warning _ -> {} // QEMU's programs say none of them
    }
  }
}
