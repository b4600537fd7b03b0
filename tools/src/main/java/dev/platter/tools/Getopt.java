package dev.platter.tools;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a command line as GNU {@code getopt_long} does, for commands that stand in for programs
 * that use it: options and operands in any order, {@code -fqcow2} and {@code -f qcow2}, {@code
 * --output=json} and {@code --output json}, unique beginnings of long names, {@code --} before the
 * last operands.
 *
 * <p>{@code Getopt.of("f:hpq").withLong("output", true)} declares {@code -f VALUE}, three options
 * without a value, and {@code --output VALUE}.
 */
public final class Getopt {

  /** In whose words a command line is refused. */
  public enum Wording {
    /** {@code unrecognized option '-z'}. */
    QEMU_IMG,
    /** {@code invalid option -- 'z'}. */
    C_LIBRARY
  }

  private final Map<String, Boolean> shortTakesValue = new LinkedHashMap<>();
  private final Map<String, LongOption> byLongName = new LinkedHashMap<>();
  private final Wording wording;

  private record LongOption(String meaning, boolean takesValue) {}

  private Getopt(String shortOptions, Wording wording) {
    this.wording = wording;
    for (int i = 0; i < shortOptions.length(); i++) {
      boolean takesValue = i + 1 < shortOptions.length() && shortOptions.charAt(i + 1) == ':';
      shortTakesValue.put(shortOptions.substring(i, i + 1), takesValue);
      i += takesValue ? 1 : 0;
    }
  }

  /**
   * Options of one letter.
   *
   * @param shortOptions letters, each followed by a colon if it takes a value
   */
  public static Getopt of(String shortOptions) {
    return new Getopt(shortOptions, Wording.QEMU_IMG);
  }

  /** Options of one letter, refused in these words. */
  public static Getopt of(String shortOptions, Wording wording) {
    return new Getopt(shortOptions, wording);
  }

  /** Declares {@code --name}. */
  public Getopt withLong(String name, boolean takesValue) {
    byLongName.put(name, new LongOption(name, takesValue));
    return this;
  }

  /** Declares {@code --name} as another way to write {@code -letter}. */
  public Getopt withLong(String name, char letter) {
    String meaning = String.valueOf(letter);
    byLongName.put(name, new LongOption(meaning, shortTakesValue.getOrDefault(meaning, false)));
    return this;
  }

  /**
   * Reads a command line.
   *
   * @throws UsageException for an unknown option, a missing value or one that is too many
   */
  public Parsed parse(List<String> args) throws UsageException {
    List<Given> given = new ArrayList<>();
    List<String> operands = new ArrayList<>();
    int index = 0;
    while (index < args.size()) {
      String word = args.get(index++);
      if (word.equals("--")) {
        operands.addAll(args.subList(index, args.size()));
        break;
      } else if (word.startsWith("--")) {
        index += readLong(word, args, index, given);
      } else if (word.startsWith("-") && word.length() > 1) {
        index += readShort(word, args, index, given);
      } else {
        operands.add(word);
      }
    }
    return new Parsed(List.copyOf(given), List.copyOf(operands));
  }

  /** Returns how many of the words after {@code word} it consumed. */
  private int readLong(String word, List<String> args, int next, List<Given> given)
      throws UsageException {
    int equals = word.indexOf('=');
    String name = word.substring(2, equals < 0 ? word.length() : equals);
    LongOption option = findLong(name, word);
    if (equals >= 0) {
      if (!option.takesValue()) {
        throw unrecognized(word);
      }
      given.add(new Given(option.meaning(), Optional.of(word.substring(equals + 1))));
      return 0;
    }
    if (!option.takesValue()) {
      given.add(new Given(option.meaning(), Optional.empty()));
      return 0;
    }
    if (next >= args.size()) {
      throw missingValue(word);
    }
    given.add(new Given(option.meaning(), Optional.of(args.get(next))));
    return 1;
  }

  private LongOption findLong(String name, String word) throws UsageException {
    LongOption exact = byLongName.get(name);
    if (exact != null) {
      return exact;
    }
    List<LongOption> candidates =
        byLongName.entrySet().stream()
            .filter(entry -> entry.getKey().startsWith(name))
            .map(Map.Entry::getValue)
            .distinct()
            .toList();
    if (candidates.size() != 1) {
      throw unrecognized(word);
    }
    return candidates.getFirst();
  }

  private int readShort(String word, List<String> args, int next, List<Given> given)
      throws UsageException {
    for (int i = 1; i < word.length(); i++) {
      String letter = word.substring(i, i + 1);
      Boolean takesValue = shortTakesValue.get(letter);
      if (takesValue == null) {
        throw unknownLetter(letter);
      }
      if (!takesValue) {
        given.add(new Given(letter, Optional.empty()));
      } else if (i + 1 < word.length()) {
        given.add(new Given(letter, Optional.of(word.substring(i + 1))));
        return 0;
      } else if (next < args.size()) {
        given.add(new Given(letter, Optional.of(args.get(next))));
        return 1;
      } else {
        throw missingLetterValue(letter);
      }
    }
    return 0;
  }

  private UsageException unknownLetter(String letter) {
    return switch (wording) {
      case QEMU_IMG -> unrecognized("-" + letter);
      case C_LIBRARY -> new UsageException("invalid option -- '" + letter + "'");
    };
  }

  private UsageException missingLetterValue(String letter) {
    return switch (wording) {
      case QEMU_IMG -> missingValue("-" + letter);
      case C_LIBRARY -> new UsageException("option requires an argument -- '" + letter + "'");
    };
  }

  private UsageException missingValue(String option) {
    return new UsageException(
        switch (wording) {
          case QEMU_IMG -> "missing argument for option '" + option + "'";
          case C_LIBRARY -> "option '" + option + "' requires an argument";
        });
  }

  private static UsageException unrecognized(String word) {
    return new UsageException("unrecognized option '" + word + "'");
  }

  /**
   * An option as it was given.
   *
   * @param name its letter, or its long name if it has no letter
   * @param value its value, if it takes one
   */
  public record Given(String name, Optional<String> value) {}

  /**
   * A command line that was read.
   *
   * @param options the options in the order in which they were given
   * @param operands the other words, in order
   */
  public record Parsed(List<Given> options, List<String> operands) {
    /** Whether the option was given. */
    public boolean has(String name) {
      return options.stream().anyMatch(option -> option.name().equals(name));
    }

    /** The value of the option where it was given last. */
    public Optional<String> last(String name) {
      List<String> values = all(name);
      return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
    }

    /** Every value of the option, in order. */
    public List<String> all(String name) {
      return options.stream()
          .filter(option -> option.name().equals(name))
          .map(option -> option.value().orElse(""))
          .toList();
    }
  }
}
