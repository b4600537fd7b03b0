package dev.platter.tools.site;

import dev.platter.conf.SiteValue;
import dev.platter.tools.CommandFailure;
import dev.platter.tools.Terminal;
import dev.platter.tools.Tool;
import dev.platter.tools.UsageException;
import java.io.IOException;
import java.util.List;

/** {@code platter conf show}: every site default, and where its value comes from. */
public final class ConfTool implements Tool {
  private static final String USAGE =
      """
      usage: platter conf show

      Prints every site default with its value and with what set it: built-in, a file with the
      line, a variable of the environment, or -Dplatter.KEY. conf/platter.properties explains the
      keys; PLATTER_CONF names a file of your own.
      """;

  @Override
  public String program() {
    return "platter conf";
  }

  @Override
  public int run(List<String> args, Terminal terminal)
      throws CommandFailure, UsageException, IOException {
    if (args.contains("--help") || args.contains("-h")) {
      terminal.out().print(USAGE);
      return 0;
    }
    if (!args.equals(List.of("show"))) {
      throw new UsageException("expects 'show'");
    }
    List<SiteValue> values = Site.load(terminal).defaults().explain();
    int keyWidth = values.stream().mapToInt(value -> value.key().length()).max().orElse(1);
    int valueWidth = values.stream().mapToInt(value -> value.value().length()).max().orElse(1);
    String row = "%%-%ds  %%-%ds  %%s%%n".formatted(keyWidth, valueWidth);
    for (SiteValue value : values) {
      terminal.out().printf(row, value.key(), value.value(), value.origin());
    }
    return 0;
  }
}
