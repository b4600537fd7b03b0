package dev.platter.api.option;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One thing that is wrong with a set of options.
 *
 * @param key the option it is about, as it was written; empty if it is about the whole
 * @param message one line, in QEMU's words where it has some
 * @param found the value that was found, or empty
 * @param allowed what is allowed: a range, a list of values; or empty
 * @param suggestion what was probably meant ({@code l2-cache-size}), if something is near
 * @param otherKeys further options that it is about, where several do not go together
 */
public record OptionProblem(
    String key,
    String message,
    String found,
    String allowed,
    Optional<String> suggestion,
    List<String> otherKeys) {
  public OptionProblem {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(message, "message");
    Objects.requireNonNull(found, "found");
    Objects.requireNonNull(allowed, "allowed");
    Objects.requireNonNull(suggestion, "suggestion");
    otherKeys = List.copyOf(otherKeys);
  }

  /** A problem of one option. */
  public OptionProblem(
      String key, String message, String found, String allowed, Optional<String> suggestion) {
    this(key, message, found, allowed, suggestion, List.of());
  }

  /** A problem of one option, with nothing to say beyond the message. */
  public static OptionProblem of(String key, String message) {
    return new OptionProblem(key, message, "", "", Optional.empty());
  }

  /**
   * The refusal of a value that is right, and that nothing does yet.
   *
   * @param allowed values that have an effect, or empty
   */
  public static OptionProblem notSupportedYet(String key, String found, String allowed) {
    String message = "not supported yet: %s=%s".formatted(key, found);
    return new OptionProblem(key, message, found, allowed, Optional.empty());
  }

  /** A problem of options that do not go together. */
  public static OptionProblem between(List<String> keys, String message) {
    return new OptionProblem(
        keys.getFirst(), message, "", "", Optional.empty(), keys.subList(1, keys.size()));
  }

  /**
   * The same problem of a node below: {@code backing.l2-cache-size} for {@code l2-cache-size}.
   *
   * @param path what stands before the node's keys, with its dot; may be empty
   */
  public OptionProblem below(String path) {
    return renamed(name -> path + name);
  }

  /** The same problem of options that are called otherwise. */
  public OptionProblem renamed(UnaryOperator<String> names) {
    return new OptionProblem(
        names.apply(key),
        message,
        found,
        allowed,
        suggestion,
        otherKeys.stream().map(names).toList());
  }

  /** The same problem with more in front of its message. */
  public OptionProblem prefixed(String prefix) {
    return new OptionProblem(key, prefix + message, found, allowed, suggestion, otherKeys);
  }
}
