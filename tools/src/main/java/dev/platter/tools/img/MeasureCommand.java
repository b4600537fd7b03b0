package dev.platter.tools.img;

import dev.platter.api.driver.DescribedFormat;
import dev.platter.api.driver.ImageMeasure;
import dev.platter.api.driver.MeasureRequest;
import dev.platter.api.driver.MeasureRequest.SourceBitmap;
import dev.platter.api.error.OptionException;
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
import dev.platter.tools.text.SizeArgument;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code measure}: how large the file of a new image will be. */
final class MeasureCommand implements ImgCommand {

  private static Getopt options() {
    return Getopt.of("hf:O:o:l:U")
        .withLong("image-opts", false)
        .withLong("object", true)
        .withLong("output", true)
        .withLong("size", true)
        .withLong(GateOption.NAME, true)
        .withLong("force-share", 'U');
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    CreateOptions.asksForHelp(given.all("o"));
    Optional<SnapshotArgument> snapshot = Optional.empty();
    if (given.has("l")) {
      snapshot = Optional.of(SnapshotArgument.parse(given.last("l").orElseThrow()));
    }
    boolean json = ImgSession.json(given);
    Optional<String> sizeText = given.last("size");
    Optional<Long> size = Optional.empty();
    if (sizeText.isPresent()) {
      size = Optional.of(SizeArgument.parse("image size", sizeText.get()));
    }
    checkCombinations(given, size.isPresent());
    try (ImgSession session = new ImgSession(terminal, given)) {
      Optional<OpenImage> source = Optional.empty();
      if (!given.operands().isEmpty()) {
        ImageArgument image = ImgSession.image(given, given.operands().getFirst());
        OpenMode mode = OpenMode.READ.sharing(given.has("U"));
        source =
            Optional.of(
                snapshot.isPresent()
                    ? snapshot.get().open(session, image, mode)
                    : session.open(image, mode));
      }
      print(terminal.out(), measure(session, given, size, source), json);
    }
    return 0;
  }

  private static void checkCombinations(Getopt.Parsed given, boolean sized) throws CommandFailure {
    int files = given.operands().size();
    refuse(files > 1, "At most one filename argument is allowed.");
    refuse(
        files == 0 && (given.has("image-opts") || given.has("f") || given.has("l")),
        "--image-opts, -f, and -l require a filename argument.");
    refuse(files == 1 && sized, "--size N cannot be used together with a filename.");
    refuse(files == 0 && !sized, "Either --size N or one filename must be specified.");
  }

  private static void refuse(boolean wrong, String message) throws CommandFailure {
    if (wrong) {
      throw new CommandFailure(message);
    }
  }

  private static ImageMeasure measure(
      ImgSession session, Getopt.Parsed given, Optional<Long> size, Optional<OpenImage> source)
      throws CommandFailure {
    String format = given.last("O").orElse("raw");
    CreateOptions options = new CreateOptions(session.images().drivers(), format);
    try {
      options.parse(given.all("o"));
    } catch (CommandFailure e) {
      throw e.followedBy("Invalid options for file format '%s'".formatted(format));
    }
    try {
      long sizeBytes = size.orElse(0L);
      Optional<String> sizeOption = options.find(CreateOptions.SIZE);
      if (size.isEmpty() && sizeOption.isPresent()) {
        sizeBytes = SizeArgument.parse("image size", sizeOption.get());
      }
      MeasureRequest request =
          new MeasureRequest(
              options.driver().createOptions().read("create", options.formatOptions()),
              sizeBytes,
              options.find(CreateOptions.BACKING_FILE).isPresent(),
              source.map(OpenImage::node),
              bitmaps(source));
      return options.driver().measure(request);
    } catch (OptionException e) {
      throw CreateOptions.failure(e);
    } catch (IOException e) {
      throw ErrorText.failure("", e);
    }
  }

  /** The bitmaps that the source has; empty where it cannot have any. */
  private static Optional<List<SourceBitmap>> bitmaps(Optional<OpenImage> source)
      throws IOException {
    Optional<DescribedFormat> described =
        source
            .flatMap(OpenImage::format)
            .map(image -> image.driver())
            .filter(DescribedFormat.class::isInstance)
            .map(DescribedFormat.class::cast);
    if (described.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Object> facts = described.get().details().specific();
    if (!"1.1".equals(facts.get("compat"))) {
      return Optional.empty();
    }
    List<SourceBitmap> bitmaps = new ArrayList<>();
    for (Object bitmap : (List<?>) facts.getOrDefault("bitmaps", List.of())) {
      Map<?, ?> members = (Map<?, ?>) bitmap;
      bitmaps.add(
          new SourceBitmap((String) members.get("name"), (Long) members.get("granularity")));
    }
    return Optional.of(bitmaps);
  }

  private static void print(PrintStream out, ImageMeasure measure, boolean json) {
    if (json) {
      Map<String, Object> members = new LinkedHashMap<>();
      measure.bitmapBytes().ifPresent(bytes -> members.put("bitmaps", bytes));
      members.put("required", measure.requiredBytes());
      members.put("fully-allocated", measure.fullyAllocatedBytes());
      out.println(Json.pretty(members));
      return;
    }
    out.println("required size: " + measure.requiredBytes());
    out.println("fully allocated size: " + measure.fullyAllocatedBytes());
    measure.bitmapBytes().ifPresent(bytes -> out.println("bitmaps size: " + bytes));
  }
}
