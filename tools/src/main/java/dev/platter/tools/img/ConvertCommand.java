package dev.platter.tools.img;

import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.text.Progress;
import java.io.IOException;
import java.util.List;

/** {@code convert}: copies one or more images, put end to end, into another one. */
final class ConvertCommand implements ImgCommand {
  private static final double STEP_PERCENT = 1;

  private static Getopt options() {
    return Getopt.of("hf:O:B:CcF:o:l:S:pt:T:qnm:WUr:")
        .withLong(GateOption.NAME, true)
        .withLong("source-format", 'f')
        .withLong("source-cache", 'T')
        .withLong("snapshot", 'l')
        .withLong("bitmaps", false)
        .withLong("skip-broken-bitmaps", false)
        .withLong("salvage", false)
        .withLong("target-is-zero", false)
        .withLong("object", true)
        .withLong("image-opts", false)
        .withLong("target-image-opts", false)
        .withLong("force-share", 'U')
        .withLong("rate-limit", 'r');
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    try (ImgSession session = new ImgSession(terminal, given)) {
      if (CreateOptions.asksForHelp(given.all("o"))) {
        printHelp(session, given);
        return 0;
      }
      ConvertRequest request = ConvertRequest.of(given);
      boolean shown = given.has("p") && !given.has("q");
      Progress progress = new Progress(terminal, shown, STEP_PERCENT);
      progress.at(0);
      try {
        convert(session, request, BitmapCopy.of(given), progress);
        progress.at(100);
      } finally {
        progress.end();
      }
    }
    return 0;
  }

  private static void convert(
      ImgSession session, ConvertRequest request, BitmapCopy bitmaps, Progress progress)
      throws CommandFailure, IOException {
    ConvertTarget target = new ConvertTarget(session, request);
    ImageSequence source = target.openSources();
    target.check(source);
    bitmaps.checkSource(source);
    target.open(source);
    bitmaps.checkTarget(target.image());
    Salvage salvage = new Salvage(request.salvage(), request.quiet(), session.terminal());
    new ImageCopy(new CopySource(source, salvage), target, request, progress).run();
    bitmaps.run(source, target.image(), session.terminal());
    target.image().node().flush();
  }

  private static void printHelp(ImgSession session, Getopt.Parsed given)
      throws CommandFailure, IOException {
    String format = given.last("O").orElse("raw");
    boolean hasFileName = given.operands().size() > 1;
    CreateOptions options = new CreateOptions(session.images().drivers(), format);
    if (hasFileName) {
      session.images().checkCreatable(given.operands().getLast());
    }
    session.terminal().out().print(CreateHelp.text(options, hasFileName));
  }
}
