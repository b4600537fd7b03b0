package dev.platter.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * What a command line came to.
 *
 * @param status the exit status
 * @param out standard output
 * @param err standard error
 */
public record Run(int status, String out, String err) {

  /** Runs {@code platter} with these words, with nothing on standard input and nobody watching. */
  public static Run of(String... words) {
    return of(List.of(words), new byte[0]);
  }

  /** Runs {@code platter} with these words and this standard input, and nobody watching. */
  public static Run of(List<String> words, byte[] stdin) {
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
    return new Run(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /**
   * Creates an image with {@code platter img create}.
   *
   * @param secret what {@code --object} takes
   * @param options what {@code -o} takes
   */
  public static void createEncrypted(
      String secret, String format, String options, Path image, String size) {
    Run run =
        of(
            "img",
            "create",
            "-q",
            "--object",
            secret,
            "-f",
            format,
            "-o",
            options,
            image.toString(),
            size);
    assertThat(run.status()).as(run.err()).isZero();
  }
}
