package dev.platter.tools.image;

import dev.platter.api.Preallocation;
import dev.platter.tools.CommandFailure;
import java.util.Locale;

/** The words for {@link Preallocation}. */
public final class PreallocationWord {
  private PreallocationWord() {}

  /** The mode that a word names. */
  public static Preallocation parse(String word) throws CommandFailure {
    for (Preallocation mode : Preallocation.values()) {
      if (mode.name().toLowerCase(Locale.ROOT).equals(word)) {
        return mode;
      }
    }
    throw new CommandFailure("Invalid preallocation mode '" + word + "'");
  }
}
