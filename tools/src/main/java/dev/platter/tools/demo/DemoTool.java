package dev.platter.tools.demo;

import dev.platter.harness.BlockRuntime;
import dev.platter.harness.RuntimeSettings;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.OrderlyStop;
import dev.platter.tools.Terminal;
import dev.platter.tools.Tool;
import dev.platter.tools.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/**
 * {@code platter demo}: measures what the size of the L2 cache does to random reads through a chain
 * of three images, tells what the caches hold while work moves up the chain, prints both tables and
 * writes them as an HTML report. Temporary images are removed, also when it is told to stop.
 */
public final class DemoTool implements Tool {

  @Command(
      name = "platter demo",
      description = "Shows what the L2 cache does to a guest, on a chain of three images.",
      sortOptions = false)
  private static final class Arguments {
    @Option(
        names = "--report",
        paramLabel = "<file>",
        description = "Where to write the HTML report (default: ${DEFAULT-VALUE}).",
        defaultValue = "platter-demo.html")
    private Path report;

    @Option(
        names = "--requests",
        paramLabel = "<number>",
        description = "Reads for each size of the cache (default: ${DEFAULT-VALUE}).",
        defaultValue = "200000")
    private long requests;

    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Print this.")
    private boolean help;
  }

  @Override
  public String program() {
    return "platter demo";
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws IOException, UsageException, CommandFailure {
    Arguments arguments = new Arguments();
    CommandLine line = new CommandLine(arguments);
    try {
      line.parseArgs(args.toArray(String[]::new));
    } catch (ParameterException e) {
      throw new UsageException(e.getMessage());
    }
    if (arguments.help) {
      line.usage(terminal.out());
      return 0;
    }
    if (arguments.requests < 1) {
      throw new UsageException("--requests must be at least 1");
    }
    requireWritable(arguments.report);
    try (OrderlyStop _ = OrderlyStop.begin()) {
      show(arguments, terminal);
    }
    return 0;
  }

  /** Finds out before the measurements, not after them. */
  private static void requireWritable(Path report) throws CommandFailure {
    Path folder = report.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new CommandFailure("--report %s: there is no folder %s".formatted(report, folder));
    }
    if (Files.isDirectory(report)) {
      throw new CommandFailure("--report %s: it is a folder".formatted(report));
    }
    if (!Files.isWritable(Files.exists(report) ? report : folder)) {
      throw new CommandFailure("--report %s: it may not be written".formatted(report));
    }
  }

  private static void show(Arguments arguments, Terminal terminal) throws IOException {
    List<CacheTable.Row> rows;
    List<MemoryStory.Step> steps;
    try (BlockRuntime runtime = BlockRuntime.create(RuntimeSettings.DEFAULT)) {
      say(terminal, "creating hd0 (20 GiB, all clusters allocated), hd1 and hd2");
      try (DemoChain chain = DemoChain.create(runtime.graph())) {
        rows =
            new CacheTable(runtime, chain, arguments.requests).measure(what -> say(terminal, what));
        say(terminal, "moving work up the chain");
        steps = new MemoryStory(chain).play();
      }
    }
    terminal.out().println(DemoText.cacheTable(rows));
    terminal.out().println(DemoText.memoryTable(steps));
    Files.writeString(arguments.report, DemoReport.html(rows, steps));
    terminal.out().println("The same with charts: " + arguments.report.toAbsolutePath());
  }

  private static void say(Terminal terminal, String what) {
    terminal.err().println("platter: " + what);
  }
}
