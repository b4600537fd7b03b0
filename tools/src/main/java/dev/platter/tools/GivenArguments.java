package dev.platter.tools;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Finds arguments that are not what the process was given.
 *
 * <p>The virtual machine decodes them by the host's locale, and puts U+FFFD, or a question mark in
 * the POSIX locale, where a byte is no text. Names that differ become one so, and another file's.
 * Linux keeps the bytes: with them, a name that holds such a character by itself is told from one
 * that does not.
 */
final class GivenArguments {
  private static final char REPLACEMENT = '\ufffd';
  private static final char ASCII_REPLACEMENT = '?';
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

  private GivenArguments() {}

  /** Why the arguments of this process cannot be taken; empty if they can. */
  static Optional<String> refusal(List<String> args) {
    for (String arg : args) {
      if (suspect(arg)) {
        Charset charset = Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));
        return refusal(args, charset, given(args.size()));
      }
    }
    return Optional.empty();
  }

  /**
   * Why these arguments cannot be taken; empty if they can.
   *
   * @param charset in which they were decoded
   * @param given the bytes of each, if the host tells them
   */
  static Optional<String> refusal(
      List<String> args, Charset charset, Optional<List<byte[]>> given) {
    for (int i = 0; i < args.size(); i++) {
      String arg = args.get(i);
      if (given.isEmpty() && arg.indexOf(REPLACEMENT) >= 0) {
        return Optional.of("argument '%s' is not text in %s".formatted(arg, charset));
      }
      if (given.isPresent()
          && suspect(arg)
          && !Arrays.equals(arg.getBytes(charset), given.get().get(i))) {
        return Optional.of(
            "argument '%s' is not text in %s, and would name something else"
                .formatted(shown(given.get().get(i)), charset));
      }
    }
    return Optional.empty();
  }

  private static boolean suspect(String arg) {
    return arg.indexOf(REPLACEMENT) >= 0 || arg.indexOf(ASCII_REPLACEMENT) >= 0;
  }

  /** The bytes of the last {@code count} words of the process's command line. */
  private static Optional<List<byte[]>> given(int count) {
    try {
      List<byte[]> words = split(Files.readAllBytes(COMMAND_LINE));
      return words.size() < count
          ? Optional.empty()
          : Optional.of(words.subList(words.size() - count, words.size()));
    } catch (IOException e) {
      return Optional.empty(); // not Linux
    }
  }

  /** Words, each of which ends with a NUL. */
  private static List<byte[]> split(byte[] line) {
    List<byte[]> words = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < line.length; i++) {
      if (line[i] == 0) {
        words.add(Arrays.copyOfRange(line, start, i));
        start = i + 1;
      }
    }
    return words;
  }

  /** Text as it is; bytes that are none with what is not ASCII as {@code \xff}. */
  private static String shown(byte[] word) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(word)).toString();
    } catch (CharacterCodingException e) {
      StringBuilder text = new StringBuilder();
      for (byte b : word) {
        text.append(b >= 0 ? String.valueOf((char) b) : "\\x%02x".formatted(b));
      }
      return text.toString();
    }
  }
}
