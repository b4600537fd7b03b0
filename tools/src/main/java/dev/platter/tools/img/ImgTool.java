package dev.platter.tools.img;

import dev.platter.tools.CommandFailure;
import dev.platter.tools.Getopt;
import dev.platter.tools.Terminal;
import dev.platter.tools.Tool;
import dev.platter.tools.TraceOption;
import dev.platter.tools.UsageException;
import dev.platter.tools.Version;
import dev.platter.tools.image.ObjectHelp;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code platter img}: stands in for {@code qemu-img}. */
public final class ImgTool implements Tool {
  private static final String HELP = "h";
  private static final String VERSION = "V";
  private static final Set<String> HELP_WORDS = Set.of("-h", "--help");

  /** A tool without state. */
  public ImgTool() {}

  @Override
  public String program() {
    return "qemu-img";
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    if (args.isEmpty()) {
      throw new UsageException("Not enough arguments");
    }
    int end = endOfOptions(args);
    for (Getopt.Given option : options().parse(args.subList(0, end)).options()) {
      switch (option.name()) {
        case HELP -> {
          ImgHelp.print(terminal);
          return 0;
        }
        case VERSION -> {
          terminal.out().println(Version.of(program()));
          return 0;
        }
        default -> TraceOption.check(option.value().orElse(""), program(), terminal);
      }
    }
    return end == args.size()
        ? 0
        : run(args.get(end), args.subList(end + 1, args.size()), terminal);
  }

  private int run(String name, List<String> rest, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    Optional<ImgCommand> command = command(name);
    if (command.isEmpty()) {
      throw new UsageException("Command not found: " + name);
    }
    if (asksForHelp(rest)) {
      ImgHelp.print(terminal);
      return 0;
    }
    Optional<String> objectHelp = ObjectHelp.of(rest);
    if (objectHelp.isPresent()) {
      terminal.out().print(objectHelp.get());
      return 0;
    }
    return command.get().run(rest, terminal);
  }

  private static Getopt options() {
    return Getopt.of("hVT:").withLong("help", 'h').withLong("version", 'V').withLong("trace", 'T');
  }

  /** The index of the command, or where the words end. */
  private static int endOfOptions(List<String> args) {
    for (int i = 0; i < args.size(); i++) {
      String word = args.get(i);
      if (word.equals("--")) {
        return i + 1;
      }
      if (!word.startsWith("-") || word.length() == 1) {
        return i;
      }
      if (word.equals("-T") || (word.startsWith("--t") && "--trace".startsWith(word))) {
        i++;
      }
    }
    return args.size();
  }

  private static Optional<ImgCommand> command(String name) {
    return switch (name) {
      case "amend" -> Optional.of(new AmendCommand());
      case "bench" -> Optional.of(new BenchCommand());
      case "bitmap" -> Optional.of(new BitmapCommand());
      case "check" -> Optional.of(new CheckCommand());
      case "commit" -> Optional.of(new CommitCommand());
      case "compact" -> Optional.of(new RelayoutCommand(false));
      case "compare" -> Optional.of(new CompareCommand());
      case "convert" -> Optional.of(new ConvertCommand());
      case "create" -> Optional.of(new CreateCommand());
      case "dd" -> Optional.of(new DdCommand());
      case "defragment" -> Optional.of(new RelayoutCommand(true));
      case "info" -> Optional.of(new InfoCommand());
      case "map" -> Optional.of(new MapCommand());
      case "measure" -> Optional.of(new MeasureCommand());
      case "rebase" -> Optional.of(new RebaseCommand());
      case "resize" -> Optional.of(new ResizeCommand());
      case "snapshot" -> Optional.of(new SnapshotCommand());
      default -> Optional.empty();
    };
  }

  private static boolean asksForHelp(List<String> args) {
    int end = args.indexOf("--");
    List<String> options = end < 0 ? args : args.subList(0, end);
    return options.stream().anyMatch(HELP_WORDS::contains);
  }
}
