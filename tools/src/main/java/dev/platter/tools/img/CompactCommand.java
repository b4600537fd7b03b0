package dev.platter.tools.img;

import dev.platter.api.driver.CompactableFormat.Relayout;
import dev.platter.conf.CacheMode;
import dev.platter.graph.ImageLayout;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.text.Json;
import dev.platter.tools.text.Progress;
import dev.platter.tools.text.Sizes;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code compact}: has an image's file end where what it holds ends, in place. */
final class CompactCommand implements ImgCommand {
  private static final double PERCENT = 100;

  private static Getopt options() {
    return Getopt.of("f:hpqt:")
        .withLong(GateOption.NAME, true)
        .withLong("object", true)
        .withLong("image-opts", false)
        .withLong("output", true);
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    if (given.operands().size() != 1) {
      throw new UsageException("Expecting one image file name");
    }
    boolean json = ImgSession.json(given);
    boolean quiet = given.has("q");
    ImageArgument argument = ImgSession.image(given, given.operands().getFirst());
    String cacheWord = given.last("t").orElse("writeback");
    CacheMode cache = ImgSession.cache(cacheWord, "Invalid cache option: " + cacheWord);
    try (ImgSession session = new ImgSession(terminal, given)) {
      OpenImage image = session.open(argument, OpenMode.WRITE.with(cache));
      Progress progress = new Progress(terminal.out(), given.has("p") && !quiet && !json, 1);
      Relayout done = compact(image, progress);
      if (json) {
        terminal.out().println(Json.pretty(facts(argument.text(), image.driverName(), done)));
      } else if (!quiet) {
        terminal.out().println(sentence(done));
      }
    }
    return 0;
  }

  private static Relayout compact(OpenImage image, Progress progress) throws CommandFailure {
    progress.at(0);
    try {
      return ImageLayout.of(image.node()).compact(share -> progress.at(share * PERCENT));
    } catch (IOException e) {
      throw ErrorText.failure("", e);
    } finally {
      progress.end();
    }
  }

  private static String sentence(Relayout done) {
    return "Image compacted: its file had %s and has %s; %s moved."
        .formatted(
            Sizes.rounded(done.bytesBefore()),
            Sizes.rounded(done.bytesAfter()),
            Sizes.rounded(done.bytesMoved()));
  }

  private static Map<String, Object> facts(String filename, String format, Relayout done) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("filename", filename);
    facts.put("format", format);
    facts.put("bytes-before", done.bytesBefore());
    facts.put("bytes-after", done.bytesAfter());
    facts.put("bytes-moved", done.bytesMoved());
    return facts;
  }
}
