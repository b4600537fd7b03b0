package dev.platter.tools.io;

import java.io.IOException;
import org.jline.keymap.KeyMap;
import org.jline.reader.Binding;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.Reference;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.history.DefaultHistory;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/** Takes commands from a person, with history and completion. */
final class InteractiveShell {
  /** What terminals have that do not say how large they are. */
  private static final Size USUAL_SIZE = new Size(80, 24);

  /** What JLine puts for bytes that are no text. */
  private static final char NO_TEXT = '\ufffd';

  private final IoSession session;
  private final IoShell shell;

  InteractiveShell(IoSession session, IoShell shell) {
    this.session = session;
    this.shell = shell;
  }

  /**
   * Runs what is typed on the process's terminal until {@code quit}, or the end of the input.
   *
   * @return whether it was ended by Ctrl-C
   */
  boolean run() throws IOException {
    // A terminal that can do nothing is used as it is; without the flag, JLine complains of it.
    try (Terminal terminal = TerminalBuilder.builder().system(true).dumb(true).build()) {
      return run(terminal);
    }
  }

  /** The same on another terminal, which is left open. */
  boolean run(Terminal terminal) {
    if (terminal.getWidth() == 0 || terminal.getHeight() == 0) {
      terminal.setSize(USUAL_SIZE); // JLine shows nothing where nothing has room
    }
    LineReader reader =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .history(new DefaultHistory())
            .completer(new CommandCompleter())
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
            .option(LineReader.Option.BRACKETED_PASTE, false)
            .build();
    bindArrows(reader.getKeyMaps().get(LineReader.MAIN));
    try {
      while (!session.ended()) {
        run(reader.readLine(IoShell.PROMPT));
        session.terminal().flush();
      }
    } catch (EndOfFileException e) {
      session.end();
    } catch (UserInterruptException e) {
      session.end();
      return true;
    }
    return false;
  }

  private void run(String line) {
    if (line.indexOf(NO_TEXT) >= 0) {
      shell.refuse(line);
    } else {
      shell.run(line);
    }
  }

  /** Some terminals send these whatever mode they were told to be in. */
  private static void bindArrows(KeyMap<Binding> keys) {
    keys.bind(new Reference(LineReader.UP_LINE_OR_HISTORY), "\033[A");
    keys.bind(new Reference(LineReader.DOWN_LINE_OR_HISTORY), "\033[B");
    keys.bind(new Reference(LineReader.FORWARD_CHAR), "\033[C");
    keys.bind(new Reference(LineReader.BACKWARD_CHAR), "\033[D");
  }
}
