package dev.platter.api.option;

import java.util.Objects;
import java.util.Optional;

/**
 * One thing that is wrong with a set of options.
 *
 * @param key the option it is about, as it was written; empty if it is about the whole
 * @param message one line, in QEMU's words where it has some
 * @param found the value that was found, or empty
 * @param allowed what is allowed: a range, a list of values; or empty
 * @param suggestion what was probably meant ({@code l2-cache-size}), if something is near
 */
public record OptionProblem(
    String key, String message, String found, String allowed, Optional<String> suggestion) {
  public OptionProblem {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(found, "found");
    Objects.requireNonNull(allowed, "allowed");
    Objects.requireNonNull(suggestion, "suggestion");
  }

  /** A problem of one option, with nothing to say beyond the message. */
  public static OptionProblem of(String key, String message) {
    return new OptionProblem(key, message, "", "", Optional.empty());
  }

  /**
   * The same problem under another key: {@code backing.l2-cache-size} for {@code l2-cache-size}.
   */
  public OptionProblem under(String key) {
    return new OptionProblem(key, message, found, allowed, suggestion);
  }
}
