package dev.platter.tools.img;

import dev.platter.api.ZeroMode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The image that a {@code convert} writes: made or found, and then opened. */
final class ConvertTarget {
  private final ImgSession session;
  private final ConvertRequest request;
  private OpenImage image;
  private boolean readsAsZeros;
  private boolean hasBacking;

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

  /** Whether what is not written reads from a backing file. */
  boolean hasBacking() {
    return hasBacking;
  }

  /** Opens what is copied. */
  ImageSequence openSources() throws CommandFailure {
    OpenMode mode = OpenMode.READ.with(request.sourceCache()).sharing(request.forceShare());
    List<OpenImage> sources = new ArrayList<>();
    for (ImageArgument source : request.sources()) {
      sources.add(session.openAlone(source, mode));
    }
    return new ImageSequence(sources);
  }

  /** Makes the image if it is to be made, and opens it. */
  void open(ImageSequence source) throws CommandFailure {
    refuseSource(source);
    Optional<String> backing = Optional.empty();
    if (!request.skipCreation()) {
      backing = create(source);
    }
    hasBacking = backing.or(request::backingFile).isPresent();
    boolean sparse = request.sparseBytes() > 0;
    OpenMode mode = OpenMode.WRITE.with(request.targetCache()).unmapping(sparse);
    image = session.open(request.target(), mode);
    if (source.images().stream().anyMatch(used -> session.images().isInUse(used, image))) {
      throw inUse("Could not open '%s': ".formatted(request.target().text()));
    }
    if (image.node().size() < source.size()) {
      throw new CommandFailure("output file is smaller than input file");
    }
    readsAsZeros =
        request.targetIsZero() || (sparse && !hasBacking && (!request.skipCreation() || clear()));
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

  /** Makes a target that exists read as zeros, if that costs less than writing them. */
  private boolean clear() throws CommandFailure {
    try {
      image.node().writeZeroes(0, image.node().size(), ZeroMode.MAY_UNMAP);
      return true;
    } catch (IOException e) {
      throw new CommandFailure("error while writing at byte 0: " + ErrorText.ofRequest(e))
          .causedBy(e);
    }
  }

  private Optional<String> create(ImageSequence source) throws CommandFailure {
    String format = request.outputFormat().orElseThrow();
    CreateOptions options = new CreateOptions(session.images().drivers(), format);
    options.parse(request.createOptions());
    boolean wantsBacking = request.backingFile().isPresent() || request.backingFormat().isPresent();
    if (wantsBacking && !options.supportsBacking()) {
      throw new CommandFailure(
          "Backing %s not supported for file format '%s'"
              .formatted(request.backingFile().isPresent() ? "file" : "format", format));
    }
    request.backingFile().ifPresent(name -> options.put(CreateOptions.BACKING_FILE, name));
    request.backingFormat().ifPresent(name -> options.put(CreateOptions.BACKING_FORMAT, name));
    Optional<String> backing = options.find(CreateOptions.BACKING_FILE);
    checkBacking(source, backing, options);
    checkCompression(format);
    try {
      ImageMaker.make(session, request.target().text(), options, source.size());
    } catch (CommandFailure e) {
      throw e.about("error while converting " + format).about(request.target().text());
    }
    return backing;
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

  private void checkCompression(String format) throws CommandFailure {
    if (request.compressed()) {
      throw new CommandFailure(
          format.equals("raw")
              ? "Compression not supported for this file format"
              : "not supported yet: -c");
    }
  }
}
