package dev.platter.tools.img;

import dev.platter.api.driver.AmendableFormat.Amendment;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionValues;
import dev.platter.conf.CacheMode;
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
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** {@code amend}: gives an image other creation options. */
final class AmendCommand implements ImgCommand {
  private static final String REBASE_HINT = "You can use 'qemu-img rebase' instead.\n";
  private static final double PERCENT = 100;

  private static Getopt options() {
    return Getopt.of("f:ho:pqt:")
        .withLong(GateOption.NAME, true)
        .withLong("object", true)
        .withLong("image-opts", false)
        .withLong("force", false);
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    List<String> texts = given.all("o");
    boolean help = CreateOptions.asksForHelp(texts);
    if (texts.isEmpty()) {
      throw new UsageException("Must specify options (-o)");
    }
    Progress progress = new Progress(terminal, given.has("p") && !given.has("q"), 1);
    try (ImgSession session = new ImgSession(terminal, given)) {
      Optional<String> format = given.last("f");
      if (help && format.isPresent()) {
        printHelp(session, format.get());
        return 0;
      }
      if (given.operands().size() != 1) {
        throw new CommandFailure("Expecting one image file name");
      }
      OpenImage image = open(session, given);
      if (help) {
        printHelp(session, image.driverName());
        return 0;
      }
      AmendOptions amendOptions = new AmendOptions(session.images().drivers(), image.driverName());
      OptionValues values = amendOptions.parse(texts);
      amend(image.format().orElseThrow(), values, given.has("force"), progress);
    } finally {
      progress.end();
    }
    return 0;
  }

  private static OpenImage open(ImgSession session, Getopt.Parsed given) throws CommandFailure {
    String cacheWord = given.last("t").orElse("writeback");
    CacheMode cache = ImgSession.cache(cacheWord, "Invalid cache option: " + cacheWord);
    ImageArgument argument = ImgSession.image(given, given.operands().getFirst());
    return session.open(argument, OpenMode.WRITE.with(cache));
  }

  private static void printHelp(ImgSession session, String format) throws CommandFailure {
    session.terminal().out().print(new AmendOptions(session.images().drivers(), format).help());
  }

  private static void amend(FormatNode node, OptionValues values, boolean force, Progress progress)
      throws CommandFailure {
    progress.at(0);
    try {
      node.amend(new Amendment(values, force, share -> progress.at(share * PERCENT)));
    } catch (OptionException e) {
      CommandFailure failure = CreateOptions.failure(e);
      boolean backing = e.problems().getFirst().key().equals("backing_file");
      throw backing ? failure.withHint(REBASE_HINT) : failure;
    } catch (IOException e) {
      throw ErrorText.failure("", e);
    } finally {
      progress.at(PERCENT);
    }
  }
}
