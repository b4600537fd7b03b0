package dev.platter.tools.io;

import java.io.IOException;
import java.util.List;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.reader.impl.history.DefaultHistory;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** Takes commands from a person, with history and completion. */
final class InteractiveShell {
  private final IoSession session;
  private final IoShell shell;

  InteractiveShell(IoSession session, IoShell shell) {
    this.session = session;
    this.shell = shell;
  }

  /** Runs what is typed until {@code quit}, or the end of the input. */
  void run() throws IOException {
    List<String> names = IoCommands.all().stream().map(IoCommand::name).toList();
    try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
      LineReader reader =
          LineReaderBuilder.builder()
              .terminal(terminal)
              .history(new DefaultHistory())
              .completer(new StringsCompleter(names))
              .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
              .build();
      while (!session.ended()) {
        shell.run(reader.readLine(IoShell.PROMPT));
        session.terminal().flush();
      }
    } catch (EndOfFileException | UserInterruptException e) {
      session.end(); // Ctrl-D and Ctrl-C say the same
    }
  }
}
