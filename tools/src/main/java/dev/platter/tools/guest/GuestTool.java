package dev.platter.tools.guest;

import dev.platter.api.option.Option;
import dev.platter.api.option.OptionType;
import dev.platter.api.option.Suggestions;
import dev.platter.conf.DriveHelp;
import dev.platter.graph.DriverRegistry;
import dev.platter.harness.workload.WorkloadOptions;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Terminal;
import dev.platter.tools.Tool;
import dev.platter.tools.UsageException;
import dev.platter.tools.image.GateOption;
import dev.platter.tools.image.UserObjects;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * {@code platter guest --drive 'file=hd2.qcow2,if=virtio' --rw randread --bs 4k}: plugs the drive
 * into a mock guest, whose driver issues virtio-blk requests, and says how fast they were and what
 * the caches of the chain did.
 *
 * <p>The workload's options are those that {@link WorkloadOptions} declares: fio's, as far as they
 * go.
 */
public final class GuestTool implements Tool {
  private static final String OBJECT = "--" + UserObjects.OPTION;

  @Override
  public String program() {
    return "platter guest";
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    CommandLine line = new CommandLine(commandLine());
    ParseResult parsed;
    try {
      parsed = line.parseArgs(args.toArray(String[]::new));
    } catch (UnmatchedArgumentException e) {
      throw new UsageException(
          unknown(e.getUnmatched(), line.getCommandSpec().optionsMap().keySet()));
    } catch (ParameterException e) {
      throw new UsageException(e.getMessage());
    }
    if (parsed.isUsageHelpRequested()) {
      line.usage(terminal.out());
      return 0;
    }
    String drive = parsed.matchedOptionValue("--drive", "");
    Optional<String> help = DriveHelp.of(drive, DriverRegistry.discover());
    if (help.isPresent()) {
      terminal.out().print(help.get());
      return 0;
    }
    GuestOptions options = GuestOptions.of(parsed);
    GuestRun run =
        new GuestRun(
            drive,
            options,
            options.workload(),
            options.queueCount(),
            parsed.hasMatchedOption("--gate")
                ? Optional.of(GateOption.gate(parsed.matchedOptionValue("--gate", "")))
                : Optional.empty(),
            parsed.matchedOptionValue(OBJECT, List.of()),
            parsed.hasMatchedOption("--stats"),
            parsed.hasMatchedOption("--json"));
    return run.perform(terminal);
  }

  private static String unknown(List<String> words, Set<String> known) {
    return words.stream()
        .map(
            word ->
                "unknown argument '%s'%s"
                    .formatted(
                        word,
                        Suggestions.nearest(word, known)
                            .map(near -> ", did you mean '" + near + "'?")
                            .orElse("")))
        .collect(Collectors.joining("; "));
  }

  private static CommandSpec commandLine() {
    CommandSpec spec = CommandSpec.create().name("platter guest");
    spec.usageMessage()
        .description("Runs a workload of virtio-blk requests on a drive, in a mock guest.")
        .sortOptions(false);
    spec.addOption(
        OptionSpec.builder("--drive")
            .required(true)
            .type(String.class)
            .paramLabel("<drive>")
            .description(
                "An option string as for -drive, or @NAME for one of the site's; help lists its"
                    + " keys.")
            .build());
    GuestOptions.SCHEMA.options().forEach(option -> spec.addOption(declared(option)));
    spec.addOption(
        OptionSpec.builder("--gate")
            .type(String.class)
            .paramLabel("<policy>")
            .description(
                "Files that an image may name: default, beside, off, strict or strict=DIR:DIR"
                    + " (default: the site's).")
            .build());
    spec.addOption(
        OptionSpec.builder(OBJECT)
            .type(List.class)
            .auxiliaryTypes(String.class)
            .arity("1")
            .paramLabel("<object>")
            .description(
                "A secret or a throttle-group that the drive names, with its properties; may be"
                    + " given again.")
            .build());
    spec.addOption(flag("--stats", "Print the counters of each cache of the chain."));
    spec.addOption(flag("--json", "Print the result, with all counters, as JSON."));
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Print this.").build());
    return spec;
  }

  private static OptionSpec declared(Option<?> option) {
    String without = option.defaultText();
    boolean flag = option.type() instanceof OptionType.Flag;
    return OptionSpec.builder("--" + option.name())
        .type(String.class)
        .arity(flag ? "0..1" : "1")
        .fallbackValue(flag ? "on" : "")
        .paramLabel("<" + option.type().label() + ">")
        .description(option.doc() + (without.isEmpty() ? "" : " (default: " + without + ")"))
        .build();
  }

  private static OptionSpec flag(String name, String description) {
    return OptionSpec.builder(name).type(boolean.class).description(description).build();
  }
}
