package dev.platter.tools.image;

import dev.platter.tools.CommandFailure;
import java.util.Set;

/** The words of {@code -i}: how requests reach the host. */
public final class AioMode {
  /** Linux's native AIO, which is also asked for by a flag. */
  public static final String NATIVE = "native";

  private static final Set<String> WORDS = Set.of("threads", NATIVE, "io_uring");

  private AioMode() {}

  /** The mode that a word names. */
  public static String of(String word) throws CommandFailure {
    if (!WORDS.contains(word)) {
      throw new CommandFailure("Invalid aio option: " + word);
    }
    return word;
  }
}
