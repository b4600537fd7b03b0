package dev.platter.api.option;

import dev.platter.api.error.OptionException;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How an option's value is read and written.
 *
 * @param <T> the Java type of its values
 */
public sealed interface OptionType<T> {

  /** The name shown in help texts: {@code size}, {@code number}, {@code on/off}. */
  String label();

  /**
   * Reads a value.
   *
   * @param name the option's name, for messages
   * @throws OptionException if the value is not of this type; it holds exactly one problem
   */
  T read(String name, OptionValue value) throws OptionException;

  /** Writes a value so that {@link #read} gives it back. */
  String write(T value);

  /** All values, where there are few; none where there are too many to list. */
  default List<T> listed() {
    return List.of();
  }

  /** {@code on/yes/true/y} and {@code off/no/false/n}, or a JSON boolean. */
  record Flag() implements OptionType<Boolean> {
    @Override
    public String label() {
      return "on/off";
    }

    @Override
    public Boolean read(String name, OptionValue value) throws OptionException {
      return switch (value) {
        case OptionValue.Bool bool -> bool.value();
        case OptionValue.Int number -> throw wrongJsonType(name, number, "boolean");
        case OptionValue.Text text ->
            switch (text.text()) {
              case "on", "yes", "true", "y" -> true;
              case "off", "no", "false", "n" -> false;
              default ->
                  throw new OptionException(
                      new OptionProblem(
                          name,
                          "Parameter '%s' expects 'on' or 'off'".formatted(name),
                          text.text(),
                          "on, off",
                          Suggestions.nearest(text.text(), List.of("on", "off", "yes", "no"))));
            };
      };
    }

    @Override
    public String write(Boolean value) {
      return value ? "on" : "off";
    }

    @Override
    public List<Boolean> listed() {
      return List.of(true, false);
    }
  }

  /**
   * A whole number: decimal, {@code 0x} or octal text, or a JSON integer.
   *
   * @param outOfRange what is said of a number outside the bounds, if something better is known
   *     than the general words
   */
  record Number(long minimum, long maximum, Optional<String> outOfRange)
      implements OptionType<Long> {
    @Override
    public String label() {
      return "number";
    }

    @Override
    public Long read(String name, OptionValue value) throws OptionException {
      BigInteger number =
          switch (value) {
            case OptionValue.Int integer -> integer.value();
            case OptionValue.Bool bool -> throw wrongJsonType(name, bool, "integer");
            case OptionValue.Text text -> SizeText.wholeNumber(name, text.text());
          };
      return bounded(name, value, number, minimum, maximum, outOfRange);
    }

    @Override
    public String write(Long value) {
      return Long.toString(value);
    }
  }

  /** A size in bytes: {@code 2621440}, {@code 2.5M}, {@code 0x100000}, or a JSON integer. */
  record Size(long minimum, long maximum) implements OptionType<Long> {
    @Override
    public String label() {
      return "size";
    }

    @Override
    public Long read(String name, OptionValue value) throws OptionException {
      BigInteger bytes =
          switch (value) {
            case OptionValue.Int integer -> integer.value();
            case OptionValue.Bool bool -> throw wrongJsonType(name, bool, "integer");
            case OptionValue.Text text -> SizeText.bytes(name, text.text());
          };
      return bounded(name, value, bytes, minimum, maximum, Optional.empty());
    }

    @Override
    public String write(Long value) {
      return Long.toString(value);
    }
  }

  /** Any text. */
  record Text() implements OptionType<String> {
    @Override
    public String label() {
      return "string";
    }

    @Override
    public String read(String name, OptionValue value) throws OptionException {
      return switch (value) {
        case OptionValue.Text text -> text.text();
        case OptionValue.Int number -> throw wrongJsonType(name, number, "string");
        case OptionValue.Bool bool -> throw wrongJsonType(name, bool, "string");
      };
    }

    @Override
    public String write(String value) {
      return value;
    }
  }

  /** How an enum's constants are written where their names in lower case do not say it. */
  interface Word {
    /** The constant as option strings write it. */
    String word();
  }

  /**
   * One word of a closed list: an enum whose constants are written in lower case with hyphens, or
   * as {@link Word} says.
   */
  record Choice<E extends Enum<E>>(List<E> listed, Optional<String> otherwise)
      implements OptionType<E> {
    @Override
    public String label() {
      return String.join("|", words());
    }

    @Override
    public E read(String name, OptionValue value) throws OptionException {
      String word = value.asText();
      for (E constant : listed) {
        if (write(constant).equals(word)) {
          return constant;
        }
      }
      String message =
          otherwise.isPresent()
              ? otherwise.get().formatted(word)
              : "Parameter '%s' does not accept value '%s'".formatted(name, word);
      throw new OptionException(
          new OptionProblem(
              name, message, word, String.join(", ", words()), Suggestions.nearest(word, words())));
    }

    @Override
    public String write(E value) {
      if (value instanceof Word named) {
        return named.word();
      }
      return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The words, in the order of the constants. */
    public List<String> words() {
      return listed.stream().map(this::write).toList();
    }
  }

  private static OptionException wrongJsonType(String name, OptionValue value, String expected) {
    return new OptionException(
        new OptionProblem(
            name,
            "Invalid parameter type for '%s', expected: %s".formatted(name, expected),
            value.asText(),
            expected,
            Optional.empty()));
  }

  private static long bounded(
      String name,
      OptionValue value,
      BigInteger number,
      long minimum,
      long maximum,
      Optional<String> outOfRange)
      throws OptionException {
    if (number.compareTo(BigInteger.valueOf(minimum)) < 0
        || number.compareTo(BigInteger.valueOf(maximum)) > 0) {
      throw new OptionException(
          new OptionProblem(
              name,
              outOfRange.orElseGet(
                  () ->
                      "Value '%s' is out of range for parameter '%s'"
                          .formatted(value.asText(), name)),
              value.asText(),
              "%d to %d".formatted(minimum, maximum),
              Optional.empty()));
    }
    return number.longValueExact();
  }
}
