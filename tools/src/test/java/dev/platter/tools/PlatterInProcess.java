package dev.platter.tools;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs {@code platter} in this process, with streams of its own. */
public final class PlatterInProcess {
  private PlatterInProcess() {}

  /**
   * What a command line came to.
   *
   * @param out standard output
   * @param err standard error
   */
  public record Result(String out, String err, int status) {}

  /** Runs a command line. */
  public static Result run(List<String> words, byte[] stdin) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(stdin),
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            () -> false);
    int status = Platter.run(words, terminal);
    terminal.flush();
    return new Result(
        out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8), status);
  }

  /** Runs a command line without standard input. */
  public static Result run(String... words) {
    return run(List.of(words), new byte[0]);
  }
}
