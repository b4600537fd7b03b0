package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.api.CompressingNode;
import dev.platter.api.driver.EncryptedFormat;
import dev.platter.graph.FormatNode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The image that a {@code convert} writes: made or found, and then opened. */
final class ConvertTarget {
  private final ImgSession session;
  private final ConvertRequest request;
  private Optional<CreateOptions> creation = Optional.empty();
  private OpenImage image;
  private boolean readsAsZeros;
  private boolean hasBacking;
  private Optional<CompressingNode> compressing = Optional.empty();

  ConvertTarget(ImgSession session, ConvertRequest request) {
    this.session = session;
    this.request = request;
  }

  /** The image, once it is open. */
  OpenImage image() {
    return image;
  }

  /** Whether what is not written reads as zeros. */
  boolean readsAsZeros() {
    return readsAsZeros;
  }

  /** The image as one that is written compressed; empty if it is not. */
  Optional<CompressingNode> compressing() {
    return compressing;
  }

  /** What is written at once, as a multiple of bytes: a cluster, if it is compressed. */
  long unitBytes() {
    return compressing.isPresent() ? clusterBytes() : 1;
  }

  /** The size of its clusters; 1 if it has none. */
  long clusterBytes() {
    return image.node().limits().optimalTransferBytes();
  }

  /** What the copy does with what it finds. */
  CopyRules copyRules() {
    return new CopyRules(request.sparseBytes() == 0, hasBacking, backingBytes(), unitBytes());
  }

  private OptionalLong backingBytes() {
    Optional<BlockNode> backing = image.format().flatMap(FormatNode::backing);
    return hasBacking && !request.skipCreation() && backing.isPresent()
        ? OptionalLong.of(backing.get().size())
        : OptionalLong.empty();
  }

  /** Opens what is copied. */
  ImageSequence openSources() throws CommandFailure {
    OpenMode mode = OpenMode.READ.with(request.sourceCache()).sharing(request.forceShare());
    List<OpenImage> sources = new ArrayList<>();
    if (request.snapshot().isPresent() && request.sources().size() > 1) {
      throw new CommandFailure("No support for concatenating multiple snapshot");
    }
    for (ImageArgument source : request.sources()) {
      sources.add(openSource(source, mode));
    }
    return new ImageSequence(sources);
  }

  private OpenImage openSource(ImageArgument source, OpenMode mode) throws CommandFailure {
    if (request.snapshot().isEmpty()) {
      return session.openAlone(source, mode);
    }
    try {
      return request.snapshot().get().open(session, source, mode);
    } catch (IOException e) {
      throw ErrorText.failure("Failed to load snapshot: ", e);
    }
  }

  /** Refuses an image that cannot be made, whatever its file. */
  void check(ImageSequence source) throws CommandFailure {
    if (!request.skipCreation()) {
      creation = Optional.of(creation(source));
    }
    Optional<String> backing = creation.flatMap(made -> made.find(CreateOptions.BACKING_FILE));
    hasBacking = backing.or(request::backingFile).isPresent();
    if (request.targetIsZero() && hasBacking) {
      throw new CommandFailure(
          "Cannot use --target-is-zero when the destination image has a backing file");
    }
  }

  /** Makes the image if it is to be made, and opens it; it has been checked. */
  void open(ImageSequence source) throws CommandFailure {
    refuseSource(source);
    boolean sparse = request.sparseBytes() > 0;
    OpenMode mode = OpenMode.WRITE.with(request.targetCache()).unmapping(sparse);
    if (creation.isPresent()) {
      make(creation.get(), source);
      for (Map.Entry<String, String> secret : creation.get().keySecrets().entrySet()) {
        mode = mode.with(secret.getKey(), secret.getValue());
      }
    }
    image = session.open(request.target(), mode);
    if (source.images().stream().anyMatch(used -> session.images().isInUse(used, image))) {
      throw inUse("Could not open '%s': ".formatted(request.target().text()));
    }
    if (request.compressed()) {
      compressing = CompressingNode.of(image.node());
      if (compressing.isEmpty()) {
        throw notCompressible();
      }
    }
    if (image.node().size() < source.size()) {
      throw new CommandFailure("output file is smaller than input file");
    }
    boolean blank = sparse && !hasBacking && !request.skipCreation() && newSpaceReadsAsZeros();
    readsAsZeros = request.targetIsZero() || blank;
  }

  private boolean newSpaceReadsAsZeros() {
    return image
        .format()
        .map(FormatNode::driver)
        .filter(EncryptedFormat.class::isInstance)
        .map(EncryptedFormat.class::cast)
        .map(EncryptedFormat::newSpaceReadsAsZeros)
        .orElse(true);
  }

  /** A copy onto what is copied, or onto a file below it, would destroy it. */
  private void refuseSource(ImageSequence source) throws CommandFailure {
    String name = request.target().text();
    if (request.skipCreation()) {
      return; // it is opened first: its name need not tell which file it is
    }
    try {
      for (OpenImage sourceImage : source.images()) {
        if (session.images().isInUse(sourceImage, name)) {
          throw inUse(
              "%s: error while converting %s: "
                  .formatted(name, request.outputFormat().orElseThrow()));
        }
      }
    } catch (IOException e) {
      throw new CommandFailure("Could not open '%s': %s".formatted(name, ErrorText.of(e)))
          .causedBy(e);
    }
  }

  private CommandFailure inUse(String context) {
    return new CommandFailure(context + "Failed to get \"write\" lock")
        .withHint("Is another process using the image [%s]?\n".formatted(request.target().text()));
  }

  private CreateOptions creation(ImageSequence source) throws CommandFailure {
    String format = request.outputFormat().orElseThrow();
    CreateOptions options = new CreateOptions(session.images().drivers(), format);
    checkCreatable(request.target().text());
    options.parse(request.createOptions());
    boolean wantsBacking = request.backingFile().isPresent() || request.backingFormat().isPresent();
    if (wantsBacking && !options.supportsBacking()) {
      throw new CommandFailure(
          "Backing %s not supported for file format '%s'"
              .formatted(request.backingFile().isPresent() ? "file" : "format", format));
    }
    request.backingFile().ifPresent(name -> options.put(CreateOptions.BACKING_FILE, name));
    request.backingFormat().ifPresent(name -> options.put(CreateOptions.BACKING_FORMAT, name));
    checkBacking(source, options.find(CreateOptions.BACKING_FILE), options);
    checkCompression(options);
    return options;
  }

  private void checkCreatable(String fileName) throws CommandFailure {
    try {
      session.images().checkCreatable(fileName);
    } catch (IOException e) {
      throw ErrorText.failure("", e);
    }
  }

  private void make(CreateOptions options, ImageSequence source) throws CommandFailure {
    try {
      ImageMaker.make(session, request.target().text(), options, source.size());
    } catch (CommandFailure e) {
      throw e.about("error while converting " + options.driver().name())
          .about(request.target().text());
    }
  }

  private static void checkBacking(
      ImageSequence source, Optional<String> backing, CreateOptions options) throws CommandFailure {
    if (backing.isEmpty()) {
      return;
    }
    if (source.images().size() > 1) {
      throw new CommandFailure(
          "Having a backing file for the target makes no sense when concatenating multiple input"
              + " images");
    }
    if (options.find(CreateOptions.BACKING_FORMAT).isEmpty()) {
      throw new CommandFailure("Use of backing file requires explicit backing format");
    }
  }

  private void checkCompression(CreateOptions options) throws CommandFailure {
    if (!request.compressed()) {
      return;
    }
    if (options.driver().name().equals("raw")) {
      throw notCompressible();
    }
    boolean encrypts =
        options.find("encrypt.format").isPresent()
            || options.find("encryption").filter(value -> !value.equals("off")).isPresent();
    if (encrypts) {
      throw new CommandFailure("Compression and encryption not supported at the same time");
    }
    if (options.find("preallocation").filter(value -> !value.equals("off")).isPresent()) {
      throw new CommandFailure("Compression and preallocation not supported at the same time");
    }
  }

  private static CommandFailure notCompressible() {
    return new CommandFailure("Compression not supported for this file format");
  }
}
