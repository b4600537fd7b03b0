package dev.platter.tools;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * The option {@code -T}, {@code --trace} before a command. There are no events to trace here: it is
 * checked, and the events that it names are said not to exist.
 */
public final class TraceOption {
  private static final String EVENT = "enable";
  private static final String EVENTS = "events";
  private static final Set<String> KEYS = Set.of(EVENT, EVENTS, "file");

  private static final Set<String> HELP = Set.of("help", "?");

  private TraceOption() {}

  /**
   * Checks {@code [[enable=]PATTERN][,events=FILE][,file=FILE]}.
   *
   * @param program who says what is wrong
   */
  public static void check(String text, String program, Terminal terminal) throws CommandFailure {
    List<String> parts = OptionParts.split(text);
    for (int i = 0; i < parts.size(); i++) {
      String part = parts.get(i);
      int equals = part.indexOf('=');
      String key = equals >= 0 ? part.substring(0, equals) : i == 0 ? EVENT : part;
      String value = part.substring(equals + 1);
      if (!KEYS.contains(key)) {
        throw new CommandFailure("Invalid parameter '%s'".formatted(key));
      }
      if (key.equals(EVENTS) && !Files.isReadable(Path.of(value))) {
        terminal.err().println(program + ":" + value + ": No such file or directory");
        throw CommandFailure.silent(1);
      }
      if (key.equals(EVENT) && HELP.contains(value)) {
        throw CommandFailure.silent(0); // of all events, none
      }
      if (key.equals(EVENT) && !value.isEmpty() && value.indexOf('*') < 0) {
        String event = value.startsWith("-") ? value.substring(1) : value;
        terminal.err().println(program + ": warning: trace event '" + event + "' does not exist");
      }
    }
  }
}
