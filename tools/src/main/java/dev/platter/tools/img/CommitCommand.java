package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.api.error.UnsupportedFeatureException;
import dev.platter.conf.CacheMode;
import dev.platter.graph.ChainCommit;
import dev.platter.graph.FormatNode;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.text.Progress;
import dev.platter.tools.text.SizeArgument;
import java.io.IOException;
import java.util.List;

/** {@code commit}: writes what an overlay holds to a file of its backing chain. */
final class CommitCommand implements ImgCommand {
  private static final double STEP_PERCENT = 1;

  private static Getopt options() {
    return Getopt.of("f:ht:b:dpqr:")
        .withLong(GateOption.NAME, true)
        .withLong("object", true)
        .withLong("image-opts", false);
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    RateLimit rate =
        given.has("r")
            ? new RateLimit(SizeArgument.parse("rate limit", given.last("r").orElseThrow()))
            : RateLimit.NONE;
    if (given.operands().size() != 1) {
      throw new UsageException("Expecting one image file name");
    }
    String cacheWord = given.last("t").orElse("writeback");
    CacheMode cache = ImgSession.cache(cacheWord, "Invalid cache option: " + cacheWord);
    ImageArgument argument = ImgSession.image(given, given.operands().getFirst());
    try (ImgSession session = new ImgSession(terminal, given)) {
      OpenImage image =
          session.openBelowFilters(argument, OpenMode.WRITE.with(cache).unmapping(true));
      Progress progress = new Progress(terminal, given.has("p") && !given.has("q"), STEP_PERCENT);
      progress.at(0);
      try {
        commit(session, image, given, progress, rate);
      } finally {
        progress.end();
      }
    }
    if (!given.has("q")) {
      terminal.out().println("Image committed.");
    }
    return 0;
  }

  private static void commit(
      ImgSession session, OpenImage image, Getopt.Parsed given, Progress progress, RateLimit rate)
      throws CommandFailure {
    FormatNode top = image.format().orElseThrow(CommitCommand::noBackingFile);
    FormatNode base = base(session, image, given);
    try (ChainCommit commit = session.images().commit(top, base)) {
      commit.run(
          (done, total) -> {
            rate.pace(done);
            progress.at(Progress.percent(done, total));
          });
      if (!given.has("d") && !given.has("b")) {
        empty(commit, image);
      }
    } catch (IOException e) {
      throw ErrorText.failure("", e);
    }
  }

  private static void empty(ChainCommit commit, OpenImage image) throws CommandFailure {
    try {
      commit.emptyTop();
    } catch (UnsupportedFeatureException e) {
      return; // the top keeps what the base holds as well
    } catch (IOException e) {
      throw new CommandFailure(
              "Failed to empty %s: %s".formatted(image.name(), ErrorText.ofRequest(e)))
          .causedBy(e);
    }
  }

  private static FormatNode base(ImgSession session, OpenImage image, Getopt.Parsed given)
      throws CommandFailure {
    List<BlockNode> chain = session.images().chainOf(image);
    if (given.has("b")) {
      String name = given.last("b").orElseThrow();
      return ChainNames.find(chain, name)
          .orElseThrow(
              () ->
                  new CommandFailure(
                      "Did not find '%s' in the backing chain of '%s'"
                          .formatted(name, given.operands().getFirst())));
    }
    if (chain.size() < 2 || !(chain.get(1) instanceof FormatNode next)) {
      throw noBackingFile();
    }
    return next;
  }

  private static CommandFailure noBackingFile() {
    return new CommandFailure("Image does not have a backing file");
  }
}
