package dev.platter.tools.io;

import dev.platter.tools.UsageException;
import dev.platter.tools.io.IoCommand.Needs;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Runs commands, given as lines. */
final class IoShell {
  /** What asks for the next command. */
  static final String PROMPT = "qemu-io> ";

  private final IoSession session;

  IoShell(IoSession session) {
    this.session = session;
  }

  /** Runs one line; one without a word does nothing. */
  void run(String line) {
    List<String> words = Arrays.stream(line.split(" ")).filter(word -> !word.isEmpty()).toList();
    if (words.isEmpty()) {
      return;
    }
    PrintStream err = session.terminal().err();
    Optional<IoCommand> command = IoCommands.find(words.getFirst());
    if (command.isEmpty()) {
      err.println("command \"" + words.getFirst() + "\" not found");
      session.fail();
      return;
    }
    try {
      run(command.get(), words);
    } catch (UsageException e) {
      err.println(command.get().name() + ": " + e.getMessage());
      session.println(command.get().usage(command.get().name()));
      session.fail();
    } catch (IoFailure e) {
      switch (e.where()) {
        case OUT -> session.println(e.getMessage());
        case ERR -> err.println(e.getMessage());
        case USAGE -> session.println(command.get().usage(command.get().name()));
      }
      session.fail();
    }
  }

  private void run(IoCommand command, List<String> words) throws IoFailure, UsageException {
    List<String> args = words.subList(1, words.size());
    if (command.needs() != Needs.NOTHING && !session.isOpen()) {
      throw IoFailure.err("no file open, try 'help open'");
    }
    command.checkCount(words.getFirst(), args.size());
    if (command.needs() == Needs.WRITABLE_IMAGE && session.node().readOnly()) {
      throw IoFailure.report("Block node is read-only");
    }
    command.action().run(session, args);
  }

  /** Runs lines from standard input until there are no more, or one of them ends it. */
  void runFromInput() throws IOException {
    InputStream in = new BufferedInputStream(session.terminal().in());
    while (!session.ended()) {
      session.print(PROMPT);
      session.terminal().flush();
      Optional<ByteBuffer> line = line(in);
      if (line.isEmpty()) {
        return;
      }
      run(line.get());
    }
  }

  private void run(ByteBuffer line) {
    try {
      run(StandardCharsets.UTF_8.newDecoder().decode(line).toString());
    } catch (CharacterCodingException e) {
      refuse(StandardCharsets.UTF_8.decode(line.rewind()).toString());
    }
  }

  /** Refuses a line that is no text: a file that it names would be another one. */
  void refuse(String line) {
    session.terminal().err().println("command '" + line + "' is not text in UTF-8");
    session.fail();
  }

  /** The next line, which a line feed ends and nothing else; empty if there is none. */
  private static Optional<ByteBuffer> line(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int next = in.read();
    boolean none = next < 0;
    while (next >= 0 && next != '\n') {
      bytes.write(next);
      next = in.read();
    }
    return none ? Optional.empty() : Optional.of(ByteBuffer.wrap(bytes.toByteArray()));
  }
}
