package dev.platter.tools.image;

import dev.platter.tools.CommandFailure;
import java.util.Set;

/** The words of {@code -i}: how requests reach the host. */
public final class AioMode {
  private static final String THREADS = "threads";
  private static final Set<String> LATER = Set.of("native", "io_uring");

  private AioMode() {}

  /** Refuses what is no mode, and modes that do not exist yet. */
  public static void require(String word) throws CommandFailure {
    if (LATER.contains(word)) {
      throw new CommandFailure("not supported yet: aio=" + word);
    }
    if (!word.equals(THREADS)) {
      throw new CommandFailure("Invalid aio option: " + word);
    }
  }
}
