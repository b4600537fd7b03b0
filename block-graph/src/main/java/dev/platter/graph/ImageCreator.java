package dev.platter.graph;

import dev.platter.api.BackingReference;
import dev.platter.api.BlockNode;
import dev.platter.api.Permission;
import dev.platter.api.Permissions;
import dev.platter.api.driver.BlockDriverProvider;
import dev.platter.api.driver.FormatDriverProvider;
import dev.platter.api.driver.ImageCreation;
import dev.platter.api.driver.ProtocolDriverProvider;
import dev.platter.api.error.OptionException;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.OptionValue;
import dev.platter.api.option.OptionValues;
import dev.platter.api.spec.ChildSpec;
import dev.platter.api.spec.NodeSpec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Creates images: checks everything that can be checked before a file is touched. */
final class ImageCreator {
  private static final Permissions OPENED = Permissions.LONE_TOOL.holding(Permission.RESIZE);

  private final BlockGraph graph;
  private final GraphSettings settings;

  ImageCreator(BlockGraph graph, GraphSettings settings) {
    this.graph = graph;
    this.settings = settings;
  }

  void create(CreateRequest request) throws IOException {
    FormatDriverProvider format = format(request.driver());
    NodeSpec fileSpec = settings.fileNames().parse(request.fileName());
    NewFile image = newFile(fileSpec, request.fileName(), format, request.options());
    Map<String, OptionValue> formatOptions = new LinkedHashMap<>(request.options());
    formatOptions.keySet().removeAll(image.options().keySet());
    OptionValues options =
        format
            .createOptions()
            .read(
                NodeOptions.owner(format),
                formatOptions,
                values -> format.validateCreation(creation(request, values)));
    long sizeBytes = sizeBytes(request, image.name());
    ImageCreation creation =
        new ImageCreation(
            request.fileName(), sizeBytes, request.backing(), options, settings.secrets());
    List<NewFile> made = new ArrayList<>();
    try (BlockGraph scratch = graph.sibling()) {
      try {
        BlockNode file = image.make(scratch, fileSpec, made);
        Map<String, BlockNode> others = new LinkedHashMap<>();
        for (Map.Entry<String, String> other : format.createdFiles(options).entrySet()) {
          NodeSpec spec =
              settings.fileNames().parse(BackingNames.resolve(image.name(), other.getValue()));
          NewFile beside = newFile(spec, other.getValue(), format, request.options());
          others.put(other.getKey(), beside.make(scratch, spec, made));
        }
        format.create(file, others, creation);
      } catch (IOException e) {
        made.forEach(file -> file.delete(e)); // what is no image is not left for one
        throw e;
      }
    }
  }

  /**
   * A file of an image that is being made.
   *
   * @param options those of the image's creation options that are the file's
   */
  private record NewFile(
      ProtocolDriverProvider protocol, String name, Map<String, OptionValue> options) {

    /**
     * Makes the file and opens it, which locks it.
     *
     * @param made takes the file, once it is nobody else's
     */
    BlockNode make(BlockGraph scratch, NodeSpec spec, List<NewFile> made) throws IOException {
      protocol.create(name, 0, protocol.createOptions().read(NodeOptions.owner(protocol), options));
      BlockNode opened = scratch.open(spec, OPENED);
      made.add(this);
      return opened;
    }

    void delete(IOException cause) {
      try {
        protocol.delete(name);
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }
  }

  /**
   * The file that a name denotes, with the options that its protocol has and the format has not.
   */
  private NewFile newFile(
      NodeSpec spec, String name, FormatDriverProvider format, Map<String, OptionValue> options)
      throws IOException {
    BlockDriverProvider driver =
        DriverRegistry.require(settings.drivers(), spec.driver().orElse(""));
    Optional<String> path = spec.text(FileNames.OPTION);
    if (path.isEmpty() || !(driver instanceof ProtocolDriverProvider protocol)) {
      throw new UnsupportedFeatureException(
          "'%s' does not name a file that can be created".formatted(name));
    }
    Map<String, OptionValue> own = new LinkedHashMap<>(options);
    own.keySet().retainAll(protocol.createOptions().names());
    own.keySet().removeAll(format.createOptions().names());
    return new NewFile(protocol, path.get(), own);
  }

  /** What is known of the new image before its backing file has been looked at. */
  private ImageCreation creation(CreateRequest request, OptionValues options) {
    return new ImageCreation(
        request.fileName(),
        request.sizeBytes().orElse(0),
        request.backing(),
        options,
        settings.secrets());
  }

  /** {@link BlockGraph#createOverlay} for a disk of this size with this backing file. */
  NodeSpec createOverlay(
      long sizeBytes,
      BackingReference backing,
      String driver,
      String fileName,
      Map<String, OptionValue> options)
      throws IOException {
    create(
        new CreateRequest(
            driver, fileName, OptionalLong.of(sizeBytes), Optional.of(backing), options, false));
    return NodeSpec.of(driver)
        .withChild(ChildUse.FILE, settings.fileNames().parse(fileName))
        .withChild(ChildUse.BACKING, new ChildSpec.None());
  }

  private FormatDriverProvider format(String name) throws IOException {
    Optional<BlockDriverProvider> found = settings.drivers().find(name);
    if (found.isPresent() && found.get() instanceof FormatDriverProvider format) {
      return format;
    }
    DriverRegistry.require(settings.drivers(), name);
    throw new UnsupportedFeatureException("'%s' is not an image format".formatted(name));
  }

  /** The size given; else that of the backing file. Looks at the backing file if it shall. */
  private long sizeBytes(CreateRequest request, String fileName) throws IOException {
    Optional<BackingReference> backing = request.backing();
    if (backing.isPresent() && backing.get().formatName().isEmpty()) {
      throw new OptionException(
          OptionProblem.of("backing_fmt", "Backing file specified without backing format"));
    }
    boolean look = request.checkBacking() || request.sizeBytes().isEmpty();
    if (backing.isEmpty() || !look) {
      return request
          .sizeBytes()
          .orElseThrow(
              () ->
                  new OptionException(
                      OptionProblem.of("size", "Image creation needs a size parameter")));
    }
    String name = BackingNames.resolve(fileName, backing.get().fileName());
    NodeSpec spec =
        NodeSpec.of(backing.get().formatName().get())
            .with("read-only", "on")
            .with("force-share", "on") // a running disk has a size, too
            .with(FileNames.OPTION, name)
            .withChild(ChildUse.BACKING, new ChildSpec.None());
    try (BlockGraph scratch = graph.sibling()) {
      long backingBytes = scratch.open(spec, Permissions.NONE).size(); // needs no key
      return request.sizeBytes().orElse(backingBytes);
    } catch (IOException e) {
      throw Failures.prefixed("Could not open backing file", e);
    }
  }
}
