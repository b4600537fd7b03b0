package dev.platter.tools.img;

import dev.platter.tools.CommandFailure;
import dev.platter.tools.Terminal;
import dev.platter.tools.Tool;
import dev.platter.tools.UsageException;
import dev.platter.tools.Version;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@code platter img}: stands in for {@code qemu-img}. */
public final class ImgTool implements Tool {
  private static final Set<String> HELP = Set.of("-h", "--help");
  private static final Set<String> VERSION = Set.of("-V", "--version");

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
    String name = args.getFirst();
    List<String> rest = args.subList(1, args.size());
    if (HELP.contains(name) || (command(name).isPresent() && asksForHelp(rest))) {
      ImgHelp.print(terminal);
      return 0;
    }
    if (VERSION.contains(name)) {
      terminal.out().println(Version.of(program()));
      return 0;
    }
    if (name.startsWith("-")) {
      throw new UsageException("unrecognized option '" + name + "'");
    }
    Optional<ImgCommand> command = command(name);
    if (command.isEmpty()) {
      throw new UsageException("Command not found: " + name);
    }
    return command.get().run(rest, terminal);
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
    return options.stream().anyMatch(HELP::contains);
  }
}
