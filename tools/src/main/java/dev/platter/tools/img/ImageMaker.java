package dev.platter.tools.img;

import dev.platter.api.BackingReference;
import dev.platter.api.error.BlockIoException;
import dev.platter.api.error.Errno;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.graph.CreateRequest;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.image.ErrorText;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** Makes new images of options that have been read. */
final class ImageMaker {
  private ImageMaker() {}

  /**
   * Makes an image. The backing file is named in it and not looked at.
   *
   * @param sizeBytes its virtual size
   * @throws CommandFailure saying why not, without the new image's name
   */
  static void make(ImgSession session, String fileName, CreateOptions options, long sizeBytes)
      throws CommandFailure {
    Optional<String> backingFile = options.find(CreateOptions.BACKING_FILE);
    Optional<String> backingFormat = options.find(CreateOptions.BACKING_FORMAT);
    if (backingFormat.isPresent() && backingFile.isEmpty()) {
      throw new CommandFailure("Backing format cannot be used without backing file");
    }
    CreateRequest request =
        new CreateRequest(
            options.driver().name(),
            fileName,
            OptionalLong.of(sizeBytes),
            backingFile.map(name -> new BackingReference(name, backingFormat)),
            options.imageOptions(),
            false);
    try {
      session.images().create(request);
    } catch (OptionException e) {
      throw refusal(options, e);
    } catch (BlockIoException e) {
      throw new CommandFailure(e.errno() == Errno.EFBIG ? tooLarge(options) : ErrorText.of(e))
          .causedBy(e);
    } catch (IOException e) {
      throw ErrorText.failure("", e);
    }
  }

  /** For two of its options QEMU has words that differ from those for all others. */
  private static CommandFailure refusal(CreateOptions options, OptionException e) {
    OptionProblem problem = e.problems().getFirst();
    boolean raw = options.driver().name().equals("raw");
    return switch (problem.key()) {
      case "compat" ->
          new CommandFailure(problem.message().replace("'compat'", "'version'")).causedBy(e);
      case "preallocation" ->
          raw
              ? new CommandFailure("invalid parameter value: " + problem.found()).causedBy(e)
              : CreateOptions.failure(e);
      default -> CreateOptions.failure(e);
    };
  }

  private static String tooLarge(CreateOptions options) {
    String hint =
        options.driver().createOptions().find("cluster_size").isPresent()
            ? " (try using a larger cluster size)"
            : "";
    return "The image size is too large for file format '%s'%s"
        .formatted(options.driver().name(), hint);
  }
}
