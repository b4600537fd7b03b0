package dev.platter.tools.img;

import dev.platter.api.driver.BitmapFormat;
import dev.platter.api.error.Errno;
import dev.platter.api.error.OptionException;
import dev.platter.api.option.OptionProblem;
import dev.platter.api.option.SizeText;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** {@code bitmap}: makes, removes and changes the bitmaps that an image keeps. */
final class BitmapCommand implements ImgCommand {
  private static final Set<String> ACTIONS =
      Set.of("add", "remove", "clear", "enable", "disable", "merge");

  /** QEMU has 32 bits for it: what is larger is no power of two to it. */
  private static final long GRANULARITY_LIMIT = 0xffff_ffffL;

  private static Getopt options() {
    return Getopt.of("b:f:F:g:h")
        .withLong(GateOption.NAME, true)
        .withLong("object", true)
        .withLong("image-opts", false)
        .withLong("add", false)
        .withLong("remove", false)
        .withLong("clear", false)
        .withLong("enable", false)
        .withLong("disable", false)
        .withLong("merge", true)
        .withLong("granularity", 'g')
        .withLong("source-file", 'b')
        .withLong("source-format", 'F');
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    OptionalLong granularity = granularity(given);
    requireTogether(given);
    if (given.operands().size() != 2) {
      throw new CommandFailure("Expecting filename and bitmap name");
    }
    ImageArgument target = ImgSession.image(given, given.operands().getFirst());
    try (ImgSession session = new ImgSession(terminal, given)) {
      OpenImage image = session.open(target, OpenMode.WRITE.withoutBacking());
      OpenImage source = image;
      if (given.has("b")) {
        ImageArgument other =
            new ImageArgument(given.last("b").orElseThrow(), given.last("F"), false);
        source = session.open(other, OpenMode.READ.withoutBacking());
      }
      perform(given, image, source, granularity);
    }
    return 0;
  }

  private static void perform(
      Getopt.Parsed given, OpenImage image, OpenImage source, OptionalLong granularity)
      throws CommandFailure {
    String bitmap = given.operands().getLast();
    for (Getopt.Given action : given.options()) {
      if (ACTIONS.contains(action.name())) {
        try {
          perform(action, image, bitmap, source, granularity);
        } catch (IOException e) {
          throw ErrorText.failure(
                  "Operation %s on bitmap %s failed: ".formatted(action.name(), bitmap), e)
              .withHint(ErrorText.hint(e));
        }
      }
    }
  }

  private static void perform(
      Getopt.Given action,
      OpenImage image,
      String bitmap,
      OpenImage source,
      OptionalLong granularity)
      throws IOException {
    if (action.name().equals("add")) {
      add(image, bitmap, granularity);
      return;
    }
    BitmapFormat format = bitmapsOf(image, bitmap);
    switch (action.name()) {
      case "remove" -> format.removeBitmap(bitmap);
      case "clear" -> format.clearBitmap(bitmap);
      case "enable" -> format.enableBitmap(bitmap, true);
      case "disable" -> format.enableBitmap(bitmap, false);
      case "merge" -> {
        String name = action.value().orElseThrow();
        format.mergeBitmap(bitmap, bitmapsOf(source, name), name);
      }
      default -> throw new IllegalStateException(action.name());
    }
  }

  private static void add(OpenImage image, String bitmap, OptionalLong granularity)
      throws IOException {
    if (bitmap.isEmpty()) {
      throw refused("Bitmap name cannot be empty");
    }
    if (granularity.orElse(0) > GRANULARITY_LIMIT) {
      throw refused("Granularity must be power of 2 and at least 512");
    }
    Optional<BitmapFormat> format = BitmapsOf.find(image);
    if (format.isEmpty()) {
      String what = "Can't store persistent bitmaps to " + image.node().name();
      throw refused(what + ": " + Errno.ENOTSUP.text());
    }
    format.get().addBitmap(bitmap, granularity.orElse(BitmapsOf.defaultGranularity(image)), true);
  }

  /** The bitmaps of an image; one that keeps none has not the one that is meant either. */
  private static BitmapFormat bitmapsOf(OpenImage image, String bitmap) throws OptionException {
    Optional<BitmapFormat> format = BitmapsOf.find(image);
    return format.orElseThrow(() -> refused("Dirty bitmap '%s' not found".formatted(bitmap)));
  }

  private static void requireTogether(Getopt.Parsed given) throws CommandFailure {
    if (given.options().stream().noneMatch(option -> ACTIONS.contains(option.name()))) {
      throw new CommandFailure(
          "Need at least one of --add, --remove, --clear, --enable, --disable, or --merge");
    }
    if (given.has("g") && !given.has("add")) {
      throw new CommandFailure("granularity only supported with --add");
    }
    if (given.has("F") && !given.has("b")) {
      throw new CommandFailure("-F only supported with -b");
    }
    if (given.has("b") && !given.has("merge")) {
      throw new CommandFailure("Merge bitmap source file only supported with --merge");
    }
  }

  private static OptionalLong granularity(Getopt.Parsed given) throws CommandFailure {
    Optional<String> text = given.last("g");
    try {
      return text.isEmpty()
          ? OptionalLong.empty()
          : chosen(SizeText.bytes("granularity", text.get()).longValue());
    } catch (OptionException e) {
      throw new CommandFailure(
              "Invalid granularity specified. You may use k, M, G, T, P or E suffixes for",
              "kilobytes, megabytes, gigabytes, terabytes, petabytes and exabytes.")
          .causedBy(e);
    }
  }

  /** None stands for the default. */
  private static OptionalLong chosen(long bytes) {
    return bytes == 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
  }

  private static OptionException refused(String message) {
    return new OptionException(OptionProblem.of("bitmap", message));
  }
}
