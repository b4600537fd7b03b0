package dev.platter.tools.img;

import dev.platter.api.Permissions;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.text.SizeArgument;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** {@code create}: makes an empty image, perhaps on top of another. */
final class CreateCommand implements ImgCommand {
  private static final String BACKING_HINT = "Could not open backing image.\n";

  private static Getopt options() {
    return Getopt.of("F:b:f:ho:qu").withLong(GateOption.NAME, true).withLong("object", true);
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    List<String> operands = given.operands();
    String format = given.last("f").orElse("raw");
    boolean help = CreateOptions.asksForHelp(given.all("o"));
    try (ImgSession session = new ImgSession(terminal, given)) {
      if (help) {
        CreateOptions options = new CreateOptions(session.images().drivers(), format);
        if (!operands.isEmpty()) {
          session.images().checkCreatable(operands.getFirst());
        }
        terminal.out().print(CreateHelp.text(options, !operands.isEmpty()));
        return 0;
      }
      if (operands.isEmpty()) {
        throw new UsageException("Expecting image file name");
      }
      Optional<Long> size = Optional.empty();
      if (operands.size() > 1) {
        size = Optional.of(SizeArgument.parse("image size", operands.get(1)));
      }
      if (operands.size() > 2) {
        throw new UsageException("Unexpected argument: " + operands.get(2));
      }
      create(session, given, operands.getFirst(), format, size);
    }
    return 0;
  }

  private static void create(
      ImgSession session, Getopt.Parsed given, String fileName, String format, Optional<Long> size)
      throws CommandFailure {
    try {
      CreateOptions options = new CreateOptions(session.images().drivers(), format);
      session.images().checkCreatable(fileName);
      options.parse(given.all("o"));
      if (size.isPresent() && options.find(CreateOptions.SIZE).isPresent()) {
        throw new CommandFailure("The image size must be specified only once");
      }
      size.ifPresent(bytes -> options.put(CreateOptions.SIZE, Long.toString(bytes)));
      putBacking(given, options);
      checkBacking(session, fileName, options, given.has("u"));
      Optional<String> sizeText = options.find(CreateOptions.SIZE);
      if (sizeText.isEmpty()) {
        throw new CommandFailure("Image creation needs a size parameter");
      }
      if (!given.has("q")) {
        session.terminal().out().println(FormattingLine.of(fileName, options));
        session.terminal().out().flush();
      }
      long bytes = SizeArgument.parse("image size", sizeText.get());
      ImageMaker.make(session, fileName, options, bytes);
    } catch (CommandFailure e) {
      throw e.about(fileName);
    } catch (IOException e) {
      throw new CommandFailure(ErrorText.of(e)).about(fileName).causedBy(e);
    }
  }

  private static void putBacking(Getopt.Parsed given, CreateOptions options) throws CommandFailure {
    Optional<String> file = given.last("b");
    Optional<String> format = given.last("F");
    if (!options.supportsBacking() && (file.isPresent() || format.isPresent())) {
      throw new CommandFailure(
          "Backing %s not supported for file format '%s'"
              .formatted(file.isPresent() ? "file" : "format", options.driver().name()));
    }
    file.ifPresent(name -> options.put(CreateOptions.BACKING_FILE, name));
    format.ifPresent(name -> options.put(CreateOptions.BACKING_FORMAT, name));
  }

  /** Opens the backing file, unless asked not to, and takes the size from it if none is given. */
  private static void checkBacking(
      ImgSession session, String fileName, CreateOptions options, boolean trusted)
      throws CommandFailure {
    Optional<String> backing = options.find(CreateOptions.BACKING_FILE);
    if (backing.isEmpty()) {
      return;
    }
    if (backing.get().isEmpty()) {
      throw new CommandFailure("Expected backing file name, got empty string");
    }
    if (backing.get().equals(fileName)) {
      throw new CommandFailure(
          "Error: Trying to create an image with the same filename as the backing file");
    }
    Optional<String> format = options.find(CreateOptions.BACKING_FORMAT);
    if (!trusted) {
      OpenImage image = openBacking(session, fileName, backing.get(), format);
      if (format.isEmpty()) {
        throw new CommandFailure("Backing file specified without backing format")
            .withHint("Detected format of " + image.driverName() + ".");
      }
      if (options.find(CreateOptions.SIZE).isEmpty()) {
        options.put(CreateOptions.SIZE, Long.toString(image.node().size()));
      }
    } else if (format.isEmpty()) {
      throw new CommandFailure("Backing file specified without backing format");
    }
  }

  private static OpenImage openBacking(
      ImgSession session, String fileName, String backing, Optional<String> format)
      throws CommandFailure {
    try {
      String path = BackingPath.of(fileName, backing);
      return session
          .images()
          .open(ImageArgument.file(path, format), OpenMode.READ.sharing(true), Permissions.NONE);
    } catch (IOException e) {
      throw new CommandFailure(ErrorText.of(e)).withHint(BACKING_HINT).causedBy(e);
    }
  }
}
