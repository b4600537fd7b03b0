package dev.platter.tools;

import dev.platter.api.option.Suggestions;
import dev.platter.tools.demo.DemoTool;
import dev.platter.tools.guest.GuestTool;
import dev.platter.tools.image.ErrorText;
import dev.platter.tools.img.ImgTool;
import dev.platter.tools.io.IoTool;
import dev.platter.tools.site.CacheTool;
import dev.platter.tools.site.ConfTool;
import dev.platter.tools.text.Sizes;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the tool that a command line names and runs it.
 *
 * <p>A tool is created when it is asked for, and only then: {@code img info} is over before a
 * framework that another tool uses would have loaded.
 */
final class Platter {
  private static final Map<String, String> SUMMARIES = new LinkedHashMap<>();

  static {
    SUMMARIES.put("img", "Create, inspect, convert and compare images.");
    SUMMARIES.put("io", "Read and write an image by commands.");
    SUMMARIES.put("guest", "Run a workload on a drive in a mock guest.");
    SUMMARIES.put("cache", "Say what cache an image needs.");
    SUMMARIES.put("conf", "Show the site's defaults.");
    SUMMARIES.put("demo", "Show what the L2 cache does to a guest.");
  }

  private Platter() {}

  /**
   * Runs one command line.
   *
   * @param args tool, and what it is given; {@code --debug} before or after the tool's name shows
   *     where a failure comes from
   * @return the exit status
   */
  static int run(List<String> args, Terminal terminal) {
    boolean debug = !args.isEmpty() && args.getFirst().equals("--debug");
    List<String> words = debug ? args.subList(1, args.size()) : args;
    String name = words.isEmpty() ? "--help" : words.getFirst();
    switch (name) {
      case "--help", "-h", "help" -> {
        printHelp(terminal);
        return words.isEmpty() ? 1 : 0;
      }
      case "--version", "-V", "version" -> {
        terminal.out().println("platter " + Version.text());
        return 0;
      }
      default -> {}
    }
    Optional<Tool> tool = tool(name);
    if (tool.isEmpty()) {
      terminal.err().println("platter: there is no command '" + name + "'" + suggestion(name));
      terminal.err().println("Try 'platter --help'");
      return 1;
    }
    List<String> rest = words.subList(1, words.size());
    if (!rest.isEmpty() && rest.getFirst().equals("--debug")) {
      debug = true;
      rest = rest.subList(1, rest.size());
    }
    return run(tool.get(), rest, terminal, debug);
  }

  /** The tool of this name. A table of constructors would load the classes of all tools. */
  private static Optional<Tool> tool(String name) {
    return switch (name) {
      case "img" -> Optional.of(new ImgTool());
      case "io" -> Optional.of(new IoTool());
      case "guest" -> Optional.of(new GuestTool());
      case "cache" -> Optional.of(new CacheTool());
      case "conf" -> Optional.of(new ConfTool());
      case "demo" -> Optional.of(new DemoTool());
      default -> Optional.empty();
    };
  }

  /** Runs a tool, and reports its failure. */
  static int run(Tool tool, List<String> args, Terminal terminal, boolean debug) {
    try {
      return tool.run(args, terminal);
    } catch (CommandFailure e) {
      terminal.err().print(e.text(tool.program()));
      return reported(e, e.status(), terminal, debug);
    } catch (UsageException e) {
      terminal.err().println(tool.program() + ": " + e.getMessage());
      terminal.err().println("Try '" + tool.program() + " --help' for more information");
      return reported(e, 1, terminal, debug);
    } catch (IOException e) {
      terminal.err().println(tool.program() + ": " + ErrorText.of(e));
      terminal.err().print(ErrorText.hint(e));
      return reported(e, 1, terminal, debug);
    } catch (RuntimeException e) {
      terminal.err().println(tool.program() + ": internal error: " + e + " (see --debug)");
      return reported(e, 1, terminal, debug);
    } catch (OutOfMemoryError e) {
      terminal.err().println(tool.program() + ": " + outOfMemory());
      return reported(e, 1, terminal, debug);
    }
  }

  private static String outOfMemory() {
    return "not enough memory: Java may use %s (PLATTER_JAVA_OPTS=-Xmx4G lets it use more)"
        .formatted(Sizes.rounded(Runtime.getRuntime().maxMemory()));
  }

  private static int reported(Throwable e, int status, Terminal terminal, boolean debug) {
    if (debug) {
      terminal.err().println();
      e.printStackTrace(terminal.err());
    }
    return status;
  }

  private static String suggestion(String name) {
    return Suggestions.nearest(name, SUMMARIES.keySet())
        .map(near -> "; did you mean '" + near + "'?")
        .orElse("");
  }

  private static void printHelp(Terminal terminal) {
    terminal.out().println("usage: platter [--debug] COMMAND ...");
    terminal.out().println();
    SUMMARIES.forEach((name, summary) -> terminal.out().printf("  %-6s %s%n", name, summary));
    terminal.out().println();
    terminal.out().println("'platter COMMAND --help' explains a command.");
    terminal.out().println("--debug shows where a failure comes from.");
  }
}
