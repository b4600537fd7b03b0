package dev.platter.tools.io;

import java.util.List;
import org.jline.builtins.Completers.FileNameCompleter;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;

/** Completes what a person types: names of commands, and names of files where one is opened. */
final class CommandCompleter implements Completer {
  private final Completer fileNames = new FileNameCompleter();

  @Override
  public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
    String command = IoCommands.find(line.words().getFirst()).map(IoCommand::name).orElse("");
    if (line.wordIndex() == 0 || (line.wordIndex() == 1 && command.equals("help"))) {
      IoCommands.all().forEach(known -> candidates.add(new Candidate(known.name())));
    } else if (command.equals("open")) {
      fileNames.complete(reader, line, candidates);
    }
  }
}
