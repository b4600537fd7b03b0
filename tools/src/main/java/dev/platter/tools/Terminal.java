package dev.platter.tools;

import java.io.BufferedOutputStream;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/**
 * Where a command reads and writes: the process's own streams, or a test's.
 *
 * @param in standard input
 * @param out standard output; buffered, so that a command flushes what somebody waits for
 * @param err standard error; not buffered
 * @param watched whether a person sits at both ends; asked only by commands that care
 */
public record Terminal(InputStream in, PrintStream out, PrintStream err, BooleanSupplier watched) {
  // The C library's for a pipe: with both streams in one, lines come in the order scripts know.
  private static final int BUFFER_BYTES = 4096;

  /** The process's own streams. */
  static Terminal ofProcess() {
    return new Terminal(
        new FileInputStream(FileDescriptor.in),
        new PrintStream(
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES),
            false,
            StandardCharsets.UTF_8),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        Terminal::onTerminal);
  }

  @SuppressWarnings("SystemConsoleNull") // since JDK 25 there is none where a stream is redirected
  private static boolean onTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Writes what is buffered. */
  public void flush() {
    out.flush();
    err.flush();
  }
}
