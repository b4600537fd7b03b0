package dev.platter.tools.img;

import dev.platter.api.BlockNode;
import dev.platter.api.Extent;
import dev.platter.api.error.Errno;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.ImageArgument;
import dev.platter.tools.image.OpenImage;
import dev.platter.tools.image.OpenMode;
import dev.platter.tools.text.SizeArgument;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** {@code map}: where an image's bytes lie, layer by layer. */
final class MapCommand implements ImgCommand {
  // Scripts pass these words on to people, and match them.
  private static final String UNMAPPABLE =
      "File contains external, encrypted or compressed clusters.";

  private static Getopt options() {
    return Getopt.of("f:s:l:hU")
        .withLong("format", 'f')
        .withLong("output", true)
        .withLong("start-offset", 's')
        .withLong("max-length", 'l')
        .withLong("svg", true)
        .withLong("object", true)
        .withLong(GateOption.NAME, true)
        .withLong("image-opts", false)
        .withLong("force-share", 'U');
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Getopt.Parsed given = options().parse(args);
    long start = 0;
    if (given.has("s")) {
      start = SizeArgument.parse("start offset", given.last("s").orElseThrow());
    }
    long maximum = Long.MAX_VALUE;
    if (given.has("l")) {
      maximum = SizeArgument.parse("max length", given.last("l").orElseThrow());
    }
    if (given.operands().size() != 1) {
      throw new UsageException("Expecting one image file name");
    }
    if (given.has("svg") && given.last("svg").orElseThrow().isEmpty()) {
      throw new UsageException("--svg needs the name of a file");
    }
    boolean json = ImgSession.json(given);
    ImageArgument image = ImgSession.image(given, given.operands().getFirst());
    try (ImgSession session = new ImgSession(terminal, given)) {
      OpenImage open = session.open(image, OpenMode.READ.sharing(given.has("U")));
      if (given.has("svg")) {
        write(
            given.last("svg").orElseThrow(),
            MapPicture.of(LayerShare.of(session.images().layers(open))));
        return 0;
      }
      BlockNode node = open.node();
      long end = maximum < node.size() - start ? start + maximum : node.size();
      Printer printer = json ? new JsonPrinter(terminal.out()) : new HumanPrinter(terminal.out());
      print(node, start, end, printer);
    }
    return 0;
  }

  private static void write(String fileName, String picture) throws CommandFailure {
    try {
      Files.writeString(Path.of(fileName), picture);
    } catch (IOException e) {
      throw new CommandFailure("Could not write '%s': %s".formatted(fileName, reason(e)))
          .causedBy(e);
    }
  }

  private static String reason(IOException failure) {
    return switch (failure) {
      case NoSuchFileException _ -> Errno.ENOENT.text();
      case AccessDeniedException _ -> Errno.EACCES.text();
      case FileSystemException file when file.getReason() != null -> file.getReason();
      default -> failure.getMessage();
    };
  }

  private static void print(BlockNode node, long start, long end, Printer printer)
      throws CommandFailure, IOException {
    printer.begin();
    if (start >= end) {
      printer.printNothing(start);
      return;
    }
    Extent current = node.extent(start, end - start);
    long at = start + current.length();
    while (at < end) {
      Extent next = node.extent(at, end - at);
      at += next.length();
      if (current.continuedBy(next)) {
        current = current.at(current.offset(), current.length() + next.length());
      } else {
        printer.print(current, false);
        current = next;
      }
    }
    printer.print(current, true);
  }

  /** One of the two forms. */
  private sealed interface Printer {
    void begin();

    /** The map of no bytes. */
    void printNothing(long start);

    void print(Extent extent, boolean last) throws CommandFailure;
  }

  private record HumanPrinter(PrintStream out) implements Printer {
    private static final String COLUMNS = "%-16s%-16s%-16s%s%n";

    @Override
    public void begin() {
      out.printf(COLUMNS, "Offset", "Length", "Mapped to", "File");
    }

    @Override
    public void printNothing(long start) {}

    @Override
    public void print(Extent extent, boolean last) throws CommandFailure {
      if (!extent.data() || extent.zero()) {
        return;
      }
      if (extent.hostOffset().isEmpty()) {
        throw new CommandFailure(UNMAPPABLE);
      }
      out.printf(
          COLUMNS,
          hexadecimal(extent.offset()),
          hexadecimal(extent.length()),
          hexadecimal(extent.hostOffset().getAsLong()),
          extent.hostName());
    }

    private static String hexadecimal(long number) {
      return number == 0 ? "0" : "0x" + Long.toHexString(number);
    }
  }

  private record JsonPrinter(PrintStream out) implements Printer {
    @Override
    public void begin() {
      out.print('[');
    }

    @Override
    public void printNothing(long start) {
      object(start, 0, 0, false, false, false, "");
      out.println(']');
    }

    @Override
    public void print(Extent extent, boolean last) {
      object(
          extent.offset(),
          extent.length(),
          extent.depth(),
          extent.present(),
          extent.zero(),
          extent.data(),
          extent.hostOffset().isPresent()
              ? ", \"offset\": " + extent.hostOffset().getAsLong()
              : "");
      out.println(last ? "]" : ",");
    }

    private void object(
        long start,
        long length,
        int depth,
        boolean present,
        boolean zero,
        boolean data,
        String offset) {
      out.printf(
          "{ \"start\": %d, \"length\": %d, \"depth\": %d, \"present\": %b, \"zero\": %b,"
              + " \"data\": %b%s}",
          start, length, depth, present, zero, data, offset);
    }
  }
}
