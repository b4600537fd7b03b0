package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.api.Preallocation;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.SizeText;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.image.PreallocationWord;
import java.io.IOException;
import java.util.List;

/** {@code resize}: changes an image's virtual size. */
final class ResizeCommand implements ImgCommand {
  private static Getopt options() {
    return Getopt.of("f:hq")
        .withLong(GateOption.NAME, true)
        .withLong("format", 'f')
        .withLong("quiet", 'q')
        .withLong("object", true)
        .withLong("image-opts", false)
        .withLong("preallocation", true)
        .withLong("shrink", false);
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    if (args.size() < 2) {
      throw new UsageException("Not enough arguments");
    }
    Getopt.Parsed given = options().parse(args.subList(0, args.size() - 1)); // the last may be -1G
    Preallocation preallocation =
        PreallocationWord.parse(given.last("preallocation").orElse("off"));
    if (given.operands().size() != 1) {
      throw new UsageException("Expecting image file name and size");
    }
    ImageArgument image = ImgSession.image(given, given.operands().getFirst());
    NewSize newSize = NewSize.parse(args.getLast());
    try (ImgSession session = new ImgSession(terminal, given)) {
      BlockNode node = session.open(image, OpenMode.WRITE).node();
      resize(node, newSize.from(node.size()), given.has("shrink"), preallocation);
    }
    if (!given.has("q")) {
      terminal.out().println("Image resized.");
    }
    return 0;
  }

  private static void resize(
      BlockNode node, long newBytes, boolean shrink, Preallocation preallocation)
      throws CommandFailure {
    if (newBytes <= 0) {
      throw new CommandFailure("New image size must be positive");
    }
    if (newBytes <= node.size() && preallocation != Preallocation.OFF) {
      throw new CommandFailure("Preallocation can only be used for growing images");
    }
    if (newBytes < node.size() && !shrink) {
      throw new CommandFailure(
          "Use the --shrink option to perform a shrink operation.",
          "warning: Shrinking an image will delete all data beyond the shrunken image's end."
              + " Before performing such an operation, make sure there is no important data"
              + " there.");
    }
    try {
      node.resize(newBytes, preallocation);
    } catch (IOException e) {
      throw ErrorText.failure("", e);
    }
  }

  /**
   * A size, or by how much it changes.
   *
   * @param sign 0 for a size, 1 for growth, -1 for shrinking
   */
  private record NewSize(int sign, long bytes) {
    static NewSize parse(String text) throws CommandFailure {
      int sign = text.startsWith("+") ? 1 : text.startsWith("-") ? -1 : 0;
      try {
        String size = sign == 0 ? text : text.substring(1);
        return new NewSize(sign, SizeText.bytes("size", size).longValue());
      } catch (OptionException e) {
        throw CreateOptions.failure(e);
      }
    }

    /** The new size; not positive where it would not fit in 63 bits. */
    long from(long current) {
      return sign == 0 ? bytes : current + sign * bytes;
    }
  }
}
