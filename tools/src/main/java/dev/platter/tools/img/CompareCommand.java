package dev.platter.tools.img;

import dev.platter.conf.CacheMode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.text.Progress;
import java.io.IOException;
import java.util.List;

/** {@code compare}: whether two images have the same contents. */
final class CompareCommand implements ImgCommand {
  /** The status for what fails before anything was compared. */
  private static final int NOT_OPENED = 2;

  private static final double STEP_PERCENT = 2;

  private static Getopt options() {
    return Getopt.of("hf:F:T:pqsU")
        .withLong(GateOption.NAME, true)
        .withLong("object", true)
        .withLong("image-opts", false)
        .withLong("force-share", 'U');
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    if (given.operands().size() != 2) {
      throw new UsageException("Expecting two image file names");
    }
    try (ImgSession session = new ImgSession(terminal, given)) {
      boolean quiet = given.has("q");
      Progress progress = new Progress(terminal, given.has("p") && !quiet, STEP_PERCENT);
      try {
        ImageComparison comparison = open(session, given);
        progress.at(0);
        boolean same = comparison.run(progress, quiet ? line -> {} : terminal.out()::println);
        return same ? 0 : 1;
      } finally {
        progress.end();
      }
    }
  }

  private static ImageComparison open(ImgSession session, Getopt.Parsed given)
      throws CommandFailure {
    try {
      boolean imageOpts = given.has("image-opts");
      if (imageOpts && (given.has("f") || given.has("F"))) {
        throw new CommandFailure("--image-opts and --format are mutually exclusive");
      }
      String cacheWord = given.last("T").orElse("writeback");
      CacheMode cache = ImgSession.cache(cacheWord, "Invalid source cache option: " + cacheWord);
      OpenMode mode = OpenMode.READ.with(cache).sharing(given.has("U"));
      List<String> names = given.operands();
      OpenImage first =
          session.open(new ImageArgument(names.get(0), given.last("f"), imageOpts), mode);
      OpenImage second =
          session.open(new ImageArgument(names.get(1), given.last("F"), imageOpts), mode);
      return new ImageComparison(List.of(first, second), names, given.has("s"));
    } catch (CommandFailure e) {
      throw e.withStatus(NOT_OPENED);
    }
  }
}
