package dev.platter.api.option;

import java.math.BigInteger;
import java.util.Objects;

/** A value as it was written, before an {@link Option} gives it a type. */
public sealed interface OptionValue {

  /** Text from an option string, a properties file or a JSON string. */
  record Text(String text) implements OptionValue {
    public Text {
      Objects.requireNonNull(text, "text");
    }
  }

  /** A JSON integer. */
  record Int(BigInteger value) implements OptionValue {
    public Int {
      Objects.requireNonNull(value, "value");
    }
  }

  /** A JSON boolean. */
  record Bool(boolean value) implements OptionValue {}

  /** A value from an option string. */
  static OptionValue of(String text) {
    return new Text(text);
  }

  /** An integer. */
  static OptionValue of(long value) {
    return new Int(BigInteger.valueOf(value));
  }

  /** A boolean. */
  static OptionValue of(boolean value) {
    return new Bool(value);
  }

  /** The value as an option string writes it: booleans are {@code on} and {@code off}. */
  default String asText() {
    return switch (this) {
      case Text text -> text.text();
      case Int number -> number.value().toString();
      case Bool bool -> bool.value() ? "on" : "off";
    };
  }
}
