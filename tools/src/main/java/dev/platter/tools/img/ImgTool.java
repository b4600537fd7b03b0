package dev.platter.tools.img;

import dev.platter.tools.CommandFailure;
import dev.platter.tools.Terminal;
import dev.platter.tools.Tool;
import dev.platter.tools.UsageException;
import dev.platter.tools.Version;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** {@code platter img}: stands in for {@code qemu-img}. */
public final class ImgTool implements Tool {
  private static final Map<String, Supplier<ImgCommand>> COMMANDS = new LinkedHashMap<>();
  private static final Set<String> HELP = Set.of("-h", "--help");
  private static final Set<String> VERSION = Set.of("-V", "--version");

  static {
    COMMANDS.put("bench", BenchCommand::new);
    COMMANDS.put("check", CheckCommand::new);
    COMMANDS.put("compare", CompareCommand::new);
    COMMANDS.put("convert", ConvertCommand::new);
    COMMANDS.put("create", CreateCommand::new);
    COMMANDS.put("info", InfoCommand::new);
    COMMANDS.put("map", MapCommand::new);
    COMMANDS.put("resize", ResizeCommand::new);
  }

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
    if (HELP.contains(name) || (COMMANDS.containsKey(name) && asksForHelp(rest))) {
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
    Supplier<ImgCommand> command = COMMANDS.get(name);
    if (command == null) {
      throw new UsageException("Command not found: " + name);
    }
    return command.get().run(rest, terminal);
  }

  private static boolean asksForHelp(List<String> args) {
    int end = args.indexOf("--");
    List<String> options = end < 0 ? args : args.subList(0, end);
    return options.stream().anyMatch(HELP::contains);
  }
}
