package dev.platter.api.option;

import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A declared option of a driver: from one declaration come validation, <i>did you mean</i>, help
 * texts and documentation.
 *
 * <p>An option is a key of the {@link OptionValues} that its {@link OptionSchema} makes:
 *
 * <pre>{@code
 * static final Option<Long> L2_CACHE_SIZE =
 *     Option.size("l2-cache-size").doc("Bytes that the L2 cache may hold").since("2.2").build();
 * ...
 * Optional<Long> asked = values.find(L2_CACHE_SIZE);
 * }</pre>
 *
 * @param <T> the Java type of its values
 */
public final class Option<T> {
  private final String name;
  private final OptionType<T> type;
  private final Optional<T> defaultValue;
  private final String defaultText;
  private final String doc;
  private final String since;
  private final Set<String> conflicts;
  private final Predicate<T> unsupported;
  private final boolean supported;
  private final boolean secret;

  private Option(Builder<T> builder) {
    this.name = builder.name;
    this.type = builder.type;
    this.defaultValue = builder.defaultValue;
    this.defaultText = builder.defaultText;
    this.doc = builder.doc;
    this.since = builder.since;
    this.conflicts = Collections.unmodifiableSet(new LinkedHashSet<>(builder.conflicts));
    this.unsupported = builder.unsupported;
    this.supported = builder.supported;
    this.secret = builder.secret;
  }

  private Option(Option<T> other, String name) {
    this.name = name;
    this.type = other.type;
    this.defaultValue = other.defaultValue;
    this.defaultText = other.defaultText;
    this.doc = other.doc;
    this.since = other.since;
    this.conflicts = other.conflicts;
    this.unsupported = other.unsupported;
    this.supported = other.supported;
    this.secret = other.secret;
  }

  /** The same declaration under another name: that of a field in a group. */
  Option<T> named(String otherName) {
    return new Option<>(this, otherName);
  }

  /** A size in bytes, from 0 to 2^63 - 1. */
  public static Builder<Long> size(String name) {
    return new Builder<>(name, new OptionType.Size(0, Long.MAX_VALUE));
  }

  /** A size in bytes within bounds, both inclusive. */
  public static Builder<Long> size(String name, long minimum, long maximum) {
    return new Builder<>(name, new OptionType.Size(minimum, maximum));
  }

  /** A whole number within bounds, both inclusive. */
  public static Builder<Long> number(String name, long minimum, long maximum) {
    return new Builder<>(name, new OptionType.Number(minimum, maximum, Optional.empty()));
  }

  /** A whole number within bounds, both inclusive, with its own words for one outside them. */
  public static Builder<Long> number(String name, long minimum, long maximum, String outOfRange) {
    return new Builder<>(name, new OptionType.Number(minimum, maximum, Optional.of(outOfRange)));
  }

  /** An {@code on}/{@code off} option. */
  public static Builder<Boolean> flag(String name) {
    return new Builder<>(name, new OptionType.Flag());
  }

  /** Any text. */
  public static Builder<String> text(String name) {
    return new Builder<>(name, new OptionType.Text());
  }

  /** One of the constants of an enum, written as {@link OptionType.Choice} says. */
  public static <E extends Enum<E>> Builder<E> choice(String name, Class<E> type) {
    return choice(name, EnumSet.allOf(type));
  }

  /** One of some of the constants of an enum. */
  public static <E extends Enum<E>> Builder<E> choice(String name, EnumSet<E> allowed) {
    return new Builder<>(name, new OptionType.Choice<>(List.copyOf(allowed), Optional.empty()));
  }

  /**
   * One of the constants of an enum, with its own words for anything else; {@code %s} in them is
   * what was found.
   */
  public static <E extends Enum<E>> Builder<E> choice(
      String name, Class<E> type, String otherwise) {
    return new Builder<>(
        name, new OptionType.Choice<>(List.of(type.getEnumConstants()), Optional.of(otherwise)));
  }

  /** The key, as it is written in an option string. */
  public String name() {
    return name;
  }

  /** How values are read and written. */
  public OptionType<T> type() {
    return type;
  }

  /** The value where none is given; empty if the driver then decides by the image. */
  public Optional<T> defaultValue() {
    return defaultValue;
  }

  /** The default in words, for documentation; empty if there is none. */
  public String defaultText() {
    return defaultText;
  }

  /** What it does, in a sentence or two. */
  public String doc() {
    return doc;
  }

  /** The version of QEMU that first had it, or {@code Platter} for our own. */
  public String since() {
    return since;
  }

  /** Names of options that cannot be given together with this one, in the order declared. */
  public Set<String> conflicts() {
    return conflicts;
  }

  /** Whether any value but the default has an effect yet. */
  public boolean supported() {
    return supported;
  }

  /** Whether a value has an effect; others are read and checked, and then refused. */
  public boolean supports(T value) {
    return !unsupported.test(value);
  }

  /**
   * Refuses a value that nothing does yet.
   *
   * @param written the value as it was written, for the message
   * @return what is wrong with it; empty if the value is supported
   */
  public Optional<OptionProblem> refusal(T value, String written) {
    if (supports(value)) {
      return Optional.empty();
    }
    List<String> supportedWords =
        type.listed().stream().filter(this::supports).map(type::write).toList();
    return Optional.of(
        OptionProblem.notSupportedYet(name, written, String.join(", ", supportedWords)));
  }

  /** Whether its value must never be printed. */
  public boolean secret() {
    return secret;
  }

  @Override
  public String toString() {
    return name + "=<" + type.label() + ">";
  }

  /**
   * Collects the parts of a declaration.
   *
   * @param <T> the Java type of the option's values
   */
  public static final class Builder<T> {
    private final String name;
    private final OptionType<T> type;
    private final Set<String> conflicts = new LinkedHashSet<>();
    private Optional<T> defaultValue = Optional.empty();
    private String defaultText = "";
    private String doc = "";
    private String since = "Platter";
    private Predicate<T> unsupported = value -> false;
    private boolean supported = true;
    private boolean secret;

    private Builder(String name, OptionType<T> type) {
      this.name = Objects.requireNonNull(name, "name");
      this.type = type;
    }

    /** The value where none is given. */
    public Builder<T> defaultValue(T value) {
      this.defaultValue = Optional.of(value);
      this.defaultText = type.write(value);
      return this;
    }

    /** Describes a default that depends on the image or the host. */
    public Builder<T> defaultText(String text) {
      this.defaultText = text;
      return this;
    }

    /** What the option does. */
    public Builder<T> doc(String text) {
      this.doc = text;
      return this;
    }

    /** The version of QEMU that first had it. */
    public Builder<T> since(String version) {
      this.since = version;
      return this;
    }

    /** Options that cannot be given together with this one. */
    public Builder<T> conflictsWith(String... names) {
      conflicts.addAll(List.of(names));
      return this;
    }

    /**
     * Refuses these values with "not supported yet", although they are right. The option stays
     * known: it is checked, and documented as what is to come.
     */
    public Builder<T> notSupportedYet(Predicate<T> values) {
      this.unsupported = values;
      return this;
    }

    /** Refuses any value, as {@link #notSupportedYet(Predicate)} does. */
    public Builder<T> notSupportedYet() {
      this.supported = false;
      return notSupportedYet(value -> true);
    }

    /** Keeps the value out of messages and printed specifications. */
    public Builder<T> secret() {
      this.secret = true;
      return this;
    }

    /** The declaration. */
    public Option<T> build() {
      return new Option<>(this);
    }
  }
}
