package dev.platter.tools.img;

import dev.platter.api.driver.CompactableFormat.Relayout;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.SizeText;
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

/**
 * {@code compact} and {@code defragment}: lay an image out anew in place, so that its file ends
 * where what it holds ends; and so that the guest's disk lies in its own order.
 */
final class RelayoutCommand implements ImgCommand {
  private static final double PERCENT = 100;
  private static final String SPARE = "spare";
  private static final String DEFAULT_SPARE = "256M";

  private final boolean ordering;

  /**
   * @param ordering whether the disk's clusters are brought into the disk's order
   */
  RelayoutCommand(boolean ordering) {
    this.ordering = ordering;
  }

  private Getopt options() {
    Getopt options =
        Getopt.of("f:hpqt:")
            .withLong(GateOption.NAME, true)
            .withLong("object", true)
            .withLong("image-opts", false)
            .withLong("output", true);
    return ordering ? options.withLong(SPARE, true) : options;
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
    long spareBytes = spareBytes(given);
    ImageArgument argument = ImgSession.image(given, given.operands().getFirst());
    String cacheWord = given.last("t").orElse("writeback");
    CacheMode cache = ImgSession.cache(cacheWord, "Invalid cache option: " + cacheWord);
    try (ImgSession session = new ImgSession(terminal, given)) {
      OpenImage image = session.open(argument, OpenMode.WRITE.with(cache));
      Progress progress = new Progress(terminal, given.has("p") && !quiet && !json, 1);
      Relayout done = change(image, spareBytes, progress);
      if (json) {
        terminal.out().println(Json.pretty(facts(argument.text(), image.driverName(), done)));
      } else if (!quiet) {
        terminal.out().println(sentence(done));
      }
    }
    return 0;
  }

  private static long spareBytes(Getopt.Parsed given) throws CommandFailure {
    try {
      long bytes = SizeText.bytes(SPARE, given.last(SPARE).orElse(DEFAULT_SPARE)).longValue();
      if (bytes <= 0) {
        throw new CommandFailure("--spare must be positive");
      }
      return bytes;
    } catch (OptionException e) {
      throw CreateOptions.failure(e);
    }
  }

  private Relayout change(OpenImage image, long spareBytes, Progress progress)
      throws CommandFailure {
    progress.at(0);
    try {
      ImageLayout layout = ImageLayout.of(image.node());
      return ordering
          ? layout.defragment(spareBytes, share -> progress.at(share * PERCENT))
          : layout.compact(share -> progress.at(share * PERCENT));
    } catch (IOException e) {
      throw ErrorText.failure("", e);
    } finally {
      progress.end();
    }
  }

  private String sentence(Relayout done) {
    return "Image %s: its file had %s and has %s; %s moved."
        .formatted(
            ordering ? "defragmented" : "compacted",
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
